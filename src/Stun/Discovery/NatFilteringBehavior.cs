namespace Stun;

/// <summary>Whose packets a NAT lets in (RFC 4787 §5).</summary>
public enum NatFilteringBehavior
{
    /// <summary>Everybody's.</summary>
    EndpointIndependent,

    /// <summary>Those of addresses that were sent to, from any port.</summary>
    AddressDependent,

    /// <summary>Those of addresses and ports that were sent to.</summary>
    AddressAndPortDependent,
}
