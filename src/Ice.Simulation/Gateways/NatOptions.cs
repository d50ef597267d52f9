namespace Ice.Simulation;

/// <summary>How a <see cref="Nat"/> behaves, in the terms of RFC 4787. Immutable.</summary>
/// <remarks>The default is the most common home router: endpoint-independent mapping, address and port-dependent filtering.</remarks>
public sealed record NatOptions
{
    /// <summary>When an external port is reused.</summary>
    public NatMapping Mapping { get; init; } = NatMapping.EndpointIndependent;

    /// <summary>Who may send in.</summary>
    public NatFiltering Filtering { get; init; } = NatFiltering.AddressAndPortDependent;

    /// <summary>Which external port a mapping gets.</summary>
    public NatPortAssignment PortAssignment { get; init; } = NatPortAssignment.Preserving;

    /// <summary>How long a mapping, and each permission to send in, lasts after the last packet out: RFC 4787 §4.3 recommends 5 minutes.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether packets in refresh too: not only packets out.</summary>
    public bool InboundRefresh { get; init; }

    /// <summary>Whether internal hosts reach each other by their external addresses (RFC 4787 §6).</summary>
    public bool Hairpin { get; init; }

    /// <summary>Whether an internal address keeps to one external address where there are several ("paired"), or takes any for each mapping.</summary>
    public bool PairedPooling { get; init; } = true;

    /// <summary>The lowest external port.</summary>
    public int FirstPort { get; init; } = 1024;

    /// <summary>The highest external port.</summary>
    public int LastPort { get; init; } = 65535;
}
