namespace Ice.Simulation;

/// <summary>A kind of site in a population: what its hosts are behind, how many there are, and what their links are like. Immutable.</summary>
/// <param name="Name">A short name, for tables and plots.</param>
/// <param name="Weight">Its share, relative to the other kinds'.</param>
/// <param name="Interface">The interface of a host there; its families and its link are drawn for each host.</param>
public sealed record SiteKind(string Name, double Weight, InterfaceScenario Interface)
{
    /// <summary>The share of hosts that have IPv6 too, 0 to 1.</summary>
    public double IPv6Share { get; init; }

    /// <summary>The least latency of the way to the Internet, one way.</summary>
    public TimeSpan MinLatency { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The greatest latency.</summary>
    public TimeSpan MaxLatency { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>The most that a packet is late by chance.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>The share of packets lost each way, 0 to 1.</summary>
    public double Loss { get; init; }
}
