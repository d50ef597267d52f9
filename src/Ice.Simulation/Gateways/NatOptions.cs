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

    /// <summary>How far apart the ports are that <see cref="NatPortAssignment.Sequential"/> gives, 1 or more.</summary>
    public int PortStep { get; init; } = 1;

    /// <summary>How long a mapping, and each permission to send in, lasts after the last packet out: RFC 4787 §4.3 recommends 5 minutes.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The same for TCP connections: RFC 5382 §5 asks for 2 hours and 4 minutes at least.</summary>
    public TimeSpan TcpLifetime { get; init; } = TimeSpan.FromMinutes(124);

    /// <summary>Whether packets in refresh too: not only packets out.</summary>
    public bool InboundRefresh { get; init; }

    /// <summary>Whether internal hosts reach each other by their external addresses, and who they seem to be then (RFC 4787 §6).</summary>
    public NatHairpin Hairpin { get; init; }

    /// <summary>Whether an internal address keeps to one external address where there are several ("paired"), or takes any for each mapping.</summary>
    public bool PairedPooling { get; init; } = true;

    /// <summary>The lowest external port.</summary>
    public int FirstPort { get; init; } = 1024;

    /// <summary>The highest external port.</summary>
    public int LastPort { get; init; } = 65535;

    /// <summary>The behavior in a few letters, such as EIM/APDF.</summary>
    public string ShortName => $"{Short(Mapping)}/{Short(Filtering)}";

    internal void Validate()
    {
        if (PortStep < 1)
            throw new ArgumentException($"PortStep is {PortStep}: ports that do not go on are not sequential, give 1 or more.");
        if (FirstPort < 1 || LastPort > ushort.MaxValue || FirstPort > LastPort)
            throw new ArgumentException($"The external ports {FirstPort} to {LastPort} are no range within 1 to 65535.");
        if (Lifetime <= TimeSpan.Zero || TcpLifetime <= TimeSpan.Zero)
            throw new ArgumentException("A mapping needs a lifetime longer than nothing.");
    }

    private static string Short(NatMapping mapping) => mapping switch
    {
        NatMapping.EndpointIndependent => "EIM",
        NatMapping.AddressDependent => "ADM",
        _ => "APDM",
    };

    private static string Short(NatFiltering filtering) => filtering switch
    {
        NatFiltering.EndpointIndependent => "EIF",
        NatFiltering.AddressDependent => "ADF",
        _ => "APDF",
    };
}
