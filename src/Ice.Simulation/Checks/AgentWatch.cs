using Ice.Core;
using Stun;

namespace Ice.Simulation;

/// <summary>What <see cref="Invariants"/> remember of one agent.</summary>
internal sealed class AgentWatch
{
    public RelayEnvelopes Envelopes { get; } = new();

    /// <summary>Each request's transaction, and the path it went over.</summary>
    public Dictionary<TransactionId, IcePath> Requests { get; } = [];

    /// <summary>When each path last gave an answer.</summary>
    public Dictionary<IcePath, Instant> Answered { get; } = [];

    public bool IsPaced { get; set; }

    /// <summary>When the next transaction may start at the latest, with no burst (the theoretical arrival time of a token bucket).</summary>
    public Instant NextTransaction { get; set; }

    public bool GatheringEnded { get; set; }
}
