namespace Stun;

/// <summary>When a NAT reuses the external address and port of an internal one (RFC 4787 §4.1).</summary>
public enum NatMappingBehavior
{
    /// <summary>Always: one external port for each internal one, whatever the destination. Also where there is no NAT (RFC 5780 §4.3).</summary>
    EndpointIndependent,

    /// <summary>For packets to the same address, whatever the port.</summary>
    AddressDependent,

    /// <summary>For packets to the same address and port: a "symmetric" NAT.</summary>
    AddressAndPortDependent,

    /// <summary>It depends on the destination; whether on its address alone or on its port too could not be told.</summary>
    EndpointDependent,
}
