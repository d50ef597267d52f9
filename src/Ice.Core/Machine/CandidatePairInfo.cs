namespace Ice.Core;

/// <summary>A candidate pair as it stands: a snapshot for events and statistics.</summary>
public sealed record CandidatePairInfo
{
    /// <summary>A number that names the pair for the agent's life.</summary>
    public required int Id { get; init; }

    /// <summary>The component that the pair belongs to.</summary>
    public required ComponentId Component { get; init; }

    /// <summary>The local candidate; for a valid pair what the peer sees us as.</summary>
    public required IceCandidate Local { get; init; }

    /// <summary>The remote candidate.</summary>
    public required IceCandidate Remote { get; init; }

    /// <summary>From which socket to which address the pair sends.</summary>
    public required IcePath Path { get; init; }

    /// <summary>The pair priority (RFC 8445 §6.1.2.3).</summary>
    public required ulong Priority { get; init; }

    /// <summary>The state.</summary>
    public required CandidatePairState State { get; init; }

    /// <summary>Whether the pair was nominated.</summary>
    public bool Nominated { get; init; }

    /// <summary>Whether the pair is the selected one of its component.</summary>
    public bool Selected { get; init; }

    /// <summary>The latest round-trip time; null before the first answer.</summary>
    public TimeSpan? RoundTripTime { get; init; }

    /// <summary>The sum of all measured round-trip times.</summary>
    public TimeSpan TotalRoundTripTime { get; init; }

    /// <summary>Checks sent, retransmissions not counted (W3C requestsSent).</summary>
    public long RequestsSent { get; init; }

    /// <summary>Retransmissions of checks.</summary>
    public long Retransmissions { get; init; }

    /// <summary>Checks received (W3C requestsReceived).</summary>
    public long RequestsReceived { get; init; }

    /// <summary>Success responses received (W3C responsesReceived).</summary>
    public long ResponsesReceived { get; init; }

    /// <summary>Responses sent (W3C responsesSent).</summary>
    public long ResponsesSent { get; init; }

    /// <summary>Consent checks sent (W3C consentRequestsSent).</summary>
    public long ConsentRequestsSent { get; init; }

    /// <summary>Why the last check failed; null when none did.</summary>
    public string? FailureReason { get; init; }
}
