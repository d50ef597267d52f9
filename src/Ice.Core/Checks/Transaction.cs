using Stun;

namespace Ice.Core;

/// <summary>A request of ours that is under way: a check, a consent check, or a request to a STUN server.</summary>
internal sealed class Transaction(TransactionId id, IcePath path, RetransmissionSchedule schedule, Instant now)
{
    private CheckRequest? _check;
    private Instant _repeatAt = Instant.Never;
    private bool _hastened;

    public TransactionId Id { get; private set; } = id;

    public IcePath Path { get; private set; } = path;

    /// <summary>The check; null for a request to a server.</summary>
    public CheckRequest? Check
    {
        get => _check;
        init => _check = value;
    }

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
    public Instant DueAt => Cancelled || SentCount >= schedule.Rc
        ? ExpiresAt
        : Instant.Min(Instant.Min(FirstSentAt + schedule.SendOffset(SentCount), _repeatAt), ExpiresAt);

    /// <summary>Whether an answer may belong to a repetition.</summary>
    public bool WasRepeated => SentCount > 1 || _hastened;

    /// <summary>Has a request that has just been sent for the first time sent once more, before the schedule says so, if no answer comes first.</summary>
    /// <returns>False when it is no such request, or was hastened before.</returns>
    public bool TryHasten(Instant now)
    {
        if (Cancelled || WasRepeated || now >= FirstSentAt + IceDefaults.HastenedRepeat)
            return false;
        _hastened = true;
        _repeatAt = FirstSentAt + IceDefaults.HastenedRepeat;
        return true;
    }

    /// <summary>Forgets whose check it was.</summary>
    public void Clear()
    {
        _check = null;
        Path = default;
    }

    /// <summary>Makes another check of one that is over, with the same schedule.</summary>
    public void StartAgain(TransactionId id, IcePath path, in CheckRequest check, Instant now)
    {
        Id = id;
        Path = path;
        _check = check;
        FirstSentAt = LastSentAt = now;
        SentCount = 1;
        Cancelled = SawBadIntegrity = _hastened = false;
        _repeatAt = Instant.Never;
        ExpiresAt = now + schedule.TimeoutOffset;
    }

    /// <summary>Notes a retransmission when one is due.</summary>
    public bool TryRetransmit(Instant now)
    {
        if (Cancelled || SentCount >= schedule.Rc)
            return false;
        if (now >= _repeatAt)
        {
            _repeatAt = Instant.Never;
            LastSentAt = now;
            return true;
        }

        if (now < FirstSentAt + schedule.SendOffset(SentCount))
            return false;
        // Repetitions that were slept through are not made up for in a burst.
        do
            SentCount++;
        while (SentCount < schedule.Rc && now >= FirstSentAt + schedule.SendOffset(SentCount));
        LastSentAt = now;
        return true;
    }
}
