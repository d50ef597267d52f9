using Ice.Core;

namespace Ice;

/// <summary>A candidate pair's counters, under the names of the W3C's RTCIceCandidatePairStats.</summary>
public sealed record IceCandidatePairStats
{
    /// <summary>A number that names the pair for the agent's life.</summary>
    public required int Id { get; init; }

    /// <summary>The component that the pair belongs to.</summary>
    public required ComponentId Component { get; init; }

    /// <summary>The local candidate.</summary>
    public required IceCandidate LocalCandidate { get; init; }

    /// <summary>The remote candidate.</summary>
    public required IceCandidate RemoteCandidate { get; init; }

    /// <summary>The state of the pair.</summary>
    public required CandidatePairState State { get; init; }

    /// <summary>The pair priority (RFC 8445 §6.1.2.3).</summary>
    public required ulong Priority { get; init; }

    /// <summary>Whether the pair was nominated.</summary>
    public bool Nominated { get; init; }

    /// <summary>Whether the pair is the selected one of its component.</summary>
    public bool Selected { get; init; }

    /// <summary>Application datagrams sent.</summary>
    public long PacketsSent { get; init; }

    /// <summary>Application datagrams received.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>Application bytes sent.</summary>
    public long BytesSent { get; init; }

    /// <summary>Application bytes received.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Application datagrams that the system refused to send.</summary>
    public long PacketsDiscardedOnSend { get; init; }

    /// <summary>The bytes of <see cref="PacketsDiscardedOnSend"/>.</summary>
    public long BytesDiscardedOnSend { get; init; }

    /// <summary>The sum of all measured round-trip times.</summary>
    public TimeSpan TotalRoundTripTime { get; init; }

    /// <summary>The latest round-trip time; null before the first answer.</summary>
    public TimeSpan? CurrentRoundTripTime { get; init; }

    /// <summary>Checks sent, retransmissions not counted.</summary>
    public long RequestsSent { get; init; }

    /// <summary>Retransmissions of checks.</summary>
    public long Retransmissions { get; init; }

    /// <summary>Checks received.</summary>
    public long RequestsReceived { get; init; }

    /// <summary>Responses sent.</summary>
    public long ResponsesSent { get; init; }

    /// <summary>Success responses received.</summary>
    public long ResponsesReceived { get; init; }

    /// <summary>Consent checks sent.</summary>
    public long ConsentRequestsSent { get; init; }

    /// <summary>Why the last check failed; null when none did.</summary>
    public string? FailureReason { get; init; }
}
