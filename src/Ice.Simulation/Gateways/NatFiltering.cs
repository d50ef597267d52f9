namespace Ice.Simulation;

/// <summary>Who may send to an internal address from outside (RFC 4787 §5). Ordered from open to strict.</summary>
public enum NatFiltering
{
    /// <summary>Everybody.</summary>
    EndpointIndependent,

    /// <summary>Addresses that were sent to, from any port.</summary>
    AddressDependent,

    /// <summary>Addresses and ports that were sent to.</summary>
    AddressAndPortDependent,
}
