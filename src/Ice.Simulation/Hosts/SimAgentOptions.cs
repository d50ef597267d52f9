using Ice.Core;
using Stun;

namespace Ice.Simulation;

/// <summary>How a <see cref="SimAgent"/> is set up. Immutable.</summary>
public sealed record SimAgentOptions
{
    /// <summary>The machine's options.</summary>
    public IceCoreOptions Core { get; init; } = new();

    /// <summary>The interfaces to use; empty for all of the host.</summary>
    public IReadOnlyList<SimInterface> Interfaces { get; init; } = [];

    /// <summary>The STUN servers to ask.</summary>
    public IReadOnlyList<TransportAddress> Servers { get; init; } = [];

    /// <summary>The TURN servers to use.</summary>
    public IReadOnlyList<SimRelay> Relays { get; init; } = [];

    /// <summary>How late a timer may fire: a real one is never exact.</summary>
    public TimeSpan TimerSlack { get; init; }
}
