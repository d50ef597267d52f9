namespace Ice.Simulation;

/// <summary>When a NAT reuses the external address and port of an internal one (RFC 4787 §4.1). Ordered from open to strict.</summary>
public enum NatMapping
{
    /// <summary>Always: one external port per internal one, whatever the destination.</summary>
    EndpointIndependent,

    /// <summary>For the same destination address.</summary>
    AddressDependent,

    /// <summary>For the same destination address and port: a "symmetric" NAT.</summary>
    AddressAndPortDependent,
}
