using System.Text;
using Stun;

namespace Ice.Simulation;

/// <summary>Everything that a run is made of: two agents, the network between them, and what happens. Immutable.</summary>
public sealed record Scenario
{
    /// <summary>The seed of all chance in the run.</summary>
    public ulong Seed { get; init; }

    /// <summary>The time at the start.</summary>
    public Instant Origin { get; init; }

    /// <summary>The number of components of each data stream.</summary>
    public IReadOnlyList<int> Streams { get; init; } = [1];

    /// <summary>How candidates travel.</summary>
    public TrickleMode Trickle { get; init; }

    /// <summary>How long a signaling message is on its way.</summary>
    public TimeSpan SignalingDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether the answerer begins to gather before the offer comes.</summary>
    public bool AnswererGathersEarly { get; init; }

    /// <summary>Whether the STUN and TURN servers answer.</summary>
    public bool ServersAnswer { get; init; } = true;

    /// <summary>How long an agent waits for a server; null for as long as RFC 8489 has requests repeated.</summary>
    public TimeSpan? GatheringTimeout { get; init; }

    /// <summary>The links between the servers and the Internet.</summary>
    public LinkConditions ServerLink { get; init; } = LinkConditions.Perfect;

    /// <summary>The agent that offers.</summary>
    public SideScenario Offerer { get; init; } = new() { Role = IceRole.Controlling };

    /// <summary>The agent that answers.</summary>
    public SideScenario Answerer { get; init; } = new() { Role = IceRole.Controlled };

    /// <summary>The same with ways past endpoint-dependent mapping, for either side; null for none.</summary>
    public Scenario With(IceTraversalOptions? offerer, IceTraversalOptions? answerer) =>
        this with { Offerer = Offerer with { Traversal = offerer }, Answerer = Answerer with { Traversal = answerer } };

    /// <summary>Restarts, one after the other.</summary>
    public IReadOnlyList<RestartScenario> Restarts { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        _ = text.Append($"seed {Seed}, streams [{string.Join(',', Streams)}], trickle {Trickle}, signaling {SignalingDelay.TotalMilliseconds:0} ms");
        if (Origin != Instant.Zero)
            _ = text.Append($", clock from {Origin.SinceOrigin.TotalDays:0} days");
        if (!ServersAnswer)
            _ = text.Append(", servers silent");
        if (Restarts.Count > 0)
            _ = text.Append($", {Restarts.Count} restarts");
        return text.Append($"\n  offerer:  {Offerer}\n  answerer: {Answerer}").ToString();
    }
}
