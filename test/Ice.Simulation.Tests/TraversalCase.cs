namespace Ice.Simulation.Tests;

/// <summary>What a <see cref="TraversalNet"/> is made of.</summary>
internal sealed record TraversalCase
{
    public static readonly NatOptions Sequential = new()
    {
        Mapping = NatMapping.AddressAndPortDependent,
        Filtering = NatFiltering.AddressAndPortDependent,
        PortAssignment = NatPortAssignment.Sequential,
    };

    public static readonly NatOptions Random = Sequential with { PortAssignment = NatPortAssignment.Random };

    public NatOptions Hard { get; init; } = Sequential;

    public NatOptions Easy { get; init; } = new();

    public IceTraversalOptions? HardTraversal { get; init; }

    public IceTraversalOptions? EasyTraversal { get; init; }

    public bool HardControls { get; init; }

    /// <summary>Whether the hard side nominates with each check (RFC 5245), as browsers do.</summary>
    public bool HardIsAggressive { get; init; }

    public bool Relay { get; init; }

    public TrickleMode Trickle { get; init; } = TrickleMode.Full;

    /// <summary>How many mappings other hosts behind the hard NAT have it make in a second, on average.</summary>
    public double NoisePerSecond { get; init; }

    /// <summary>Of each link, each way.</summary>
    public double Loss { get; init; }
}
