using Stun;

namespace Ice.Core;

/// <summary>A candidate pair of a checklist, and the valid pair that its check constructed (RFC 8445 §6.1.2, §7.2.5.3.2).</summary>
/// <remarks>
/// The valid pair sends over the same path as the pair whose check made it (a reflexive candidate sends from its base), so both are kept
/// in one object: <see cref="ValidLocal"/> is the valid pair's local candidate.
/// </remarks>
internal sealed class CandidatePair(int id, LocalCandidate local, RemoteCandidate remote, IceRole role)
{
    public PairCounters Counters;

    public int Id { get; } = id;

    public LocalCandidate Local { get; } = local;

    public RemoteCandidate Remote { get; } = remote;

    public ComponentId Component => Local.Component;

    /// <summary>From the base of the local candidate to the remote one; a link-local address is reached through the base's own zone.</summary>
    public IcePath Path => new(Local.Base.Id, Remote.Address.WithScope(Local.Base.Address.ScopeId));

    /// <summary>Whether a check can leave: through a relay it needs a permission first (RFC 8445 §7.2.1).</summary>
    public bool CanBeSent => Local.Base.Relay is not { } relay || relay.CanReach(Remote.Address);

    public ulong Priority { get; private set; } = CandidatePriority.ComputePair(role, local.Info.Priority, remote.Info.Priority);

    public CandidatePairState State { get; set; } = CandidatePairState.Frozen;

    /// <summary>Whether a relay is known to be in its path.</summary>
    public bool IsRelayed => Local.Info.Type == IceCandidateType.Relayed || Remote.Info.Type == IceCandidateType.Relayed;

    /// <summary>The local candidate of the valid pair; null as long as the pair is not valid.</summary>
    public LocalCandidate? ValidLocal { get; set; }

    public bool IsValid => ValidLocal is not null;

    /// <summary>The priority of the valid pair: both agents compute the same.</summary>
    public ulong ValidPriority { get; private set; }

    public bool Nominated { get; set; }

    /// <summary>Counts nominations: the pair with the highest number was nominated last.</summary>
    public int NominationOrder { get; set; }

    /// <summary>Controlling: the next check carries USE-CANDIDATE. Controlled: the next success nominates (RFC 8445 §7.3.1.5).</summary>
    public bool NominateOnSuccess { get; set; }

    /// <summary>The nomination of this pair failed: it is not to be nominated again.</summary>
    public bool NominationFailed { get; set; }

    /// <summary>Consent was revoked or has expired: the pair is never used again in this session.</summary>
    public bool ConsentLost { get; set; }

    /// <summary>Its place in the triggered-check queue: the lowest comes first. 0 when it is not in the queue.</summary>
    public int TriggeredPlace { get; set; }

    /// <summary>The peer's check that has triggered ours last.</summary>
    public TransactionId? TriggeredBy { get; set; }

    public Instant CheckSentAt { get; set; }

    /// <summary>When that check is repeated for the first time, if it is not answered before.</summary>
    public Instant CheckRepeatsAt { get; set; }

    public Instant ValidSince { get; set; }

    /// <summary>When the peer last answered a check or consent check on this path: consent (RFC 7675 §5.1).</summary>
    public Instant LastResponseAt { get; set; }

    /// <summary>When an authenticated message of the peer last came over this path.</summary>
    public Instant LastHeardAt { get; set; }

    public TimeSpan? RoundTripTime { get; set; }

    public string? FailureReason { get; set; }

    /// <summary>The pair's foundation: those of its candidates together (RFC 8445 §6.1.2.6).</summary>
    public bool HasFoundation(CandidatePair other) =>
        Local.Info.Foundation == other.Local.Info.Foundation && Remote.Info.Foundation == other.Remote.Info.Foundation;

    public void ComputePriority(IceRole role)
    {
        Priority = CandidatePriority.ComputePair(role, Local.Info.Priority, Remote.Info.Priority);
        if (ValidLocal is { } valid)
            ValidPriority = CandidatePriority.ComputePair(role, valid.Info.Priority, Remote.Info.Priority);
    }

    public CandidatePairInfo Describe(bool selected) => new()
    {
        Id = Id,
        Component = Component,
        Local = (ValidLocal ?? Local).Info,
        Remote = Remote.Info,
        Path = Path,
        Priority = IsValid ? ValidPriority : Priority,
        State = State,
        Nominated = Nominated,
        Selected = selected,
        RoundTripTime = RoundTripTime,
        TotalRoundTripTime = Counters.TotalRoundTripTime,
        RequestsSent = Counters.RequestsSent,
        Retransmissions = Counters.Retransmissions,
        RequestsReceived = Counters.RequestsReceived,
        ResponsesReceived = Counters.ResponsesReceived,
        ResponsesSent = Counters.ResponsesSent,
        ConsentRequestsSent = Counters.ConsentRequestsSent,
        FailureReason = FailureReason,
    };
}
