namespace Stun;

/// <summary>Whether hosts behind a NAT reach each other by their external addresses, and what they then see as source (RFC 4787 §6).</summary>
public enum NatHairpinning
{
    /// <summary>They do not.</summary>
    None,

    /// <summary>They do; the source is an external address of the NAT, as RFC 4787 requires.</summary>
    ExternalSource,

    /// <summary>They do; the source is the sender's internal address and port. Seen from one host, only where its system takes packets from its own address.</summary>
    InternalSource,

    /// <summary>They do; the source is neither, such as the NAT's own internal address.</summary>
    OtherSource,
}
