namespace Ice.Simulation;

/// <summary>What a NAT does with a packet from inside to one of its own external addresses (RFC 4787 §6).</summary>
public enum NatHairpin
{
    /// <summary>It drops it.</summary>
    None,

    /// <summary>It delivers it with the internal source as it was sent.</summary>
    InternalSource,

    /// <summary>It delivers it with the external source, as RFC 4787 asks for.</summary>
    ExternalSource,
}
