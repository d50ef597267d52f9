using Stun;

namespace Ice.Core;

/// <summary>A request of ours that is under way: a check, a consent check, or a request to a STUN server.</summary>
internal sealed class Transaction(TransactionId id, IcePath path, RetransmissionSchedule schedule, Instant now)
{
    public TransactionId Id { get; private set; } = id;

    public IcePath Path { get; } = path;

    /// <summary>The check; null for a request to a server.</summary>
    public CheckRequest? Check { get; init; }

    /// <summary>What is gathered; null for a check.</summary>
    public GatheringEntry? Gathering { get; init; }

    public Instant FirstSentAt { get; private set; } = now;

    public Instant LastSentAt { get; private set; } = now;

    public int SentCount { get; private set; } = 1;

    /// <summary>RFC 8445 §7.3.1.4: not retransmitted, no failure when it times out, but an answer still counts.</summary>
    public bool Cancelled { get; set; }

    /// <summary>Whether an answer came whose integrity did not verify (RFC 8489 §9.1.4).</summary>
    public bool SawBadIntegrity { get; set; }

    /// <summary>When it has timed out.</summary>
    public Instant ExpiresAt { get; set; } = now + schedule.TimeoutOffset;

    /// <summary>When something is due: a retransmission or the timeout.</summary>
    public Instant DueAt => Cancelled || SentCount >= schedule.Rc ? ExpiresAt : Instant.Min(FirstSentAt + schedule.SendOffset(SentCount), ExpiresAt);

    /// <summary>Makes a new request of one that is over: the same content, another id.</summary>
    public void StartAgain(TransactionId id, Instant now)
    {
        Id = id;
        FirstSentAt = LastSentAt = now;
        SentCount = 1;
        Cancelled = SawBadIntegrity = false;
        ExpiresAt = now + schedule.TimeoutOffset;
    }

    /// <summary>Notes a retransmission when one is due.</summary>
    public bool TryRetransmit(Instant now)
    {
        if (Cancelled || SentCount >= schedule.Rc || now < FirstSentAt + schedule.SendOffset(SentCount))
            return false;
        // Repetitions that were slept through are not made up for in a burst.
        do
            SentCount++;
        while (SentCount < schedule.Rc && now >= FirstSentAt + schedule.SendOffset(SentCount));
        LastSentAt = now;
        return true;
    }
}
