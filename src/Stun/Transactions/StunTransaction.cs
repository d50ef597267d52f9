namespace Stun;

/// <summary>A request that waits for its response.</summary>
/// <typeparam name="TState">What the owner keeps with it.</typeparam>
public sealed class StunTransaction<TState>
{
    internal StunTransaction(TransactionId id, TransportAddress remote, TState state, RetransmissionSchedule schedule, Instant now)
    {
        Id = id;
        Remote = remote;
        State = state;
        Schedule = schedule;
        StartedAt = now;
        Transmissions = 1;
        Deadline = now + schedule.WaitAfter(0);
    }

    /// <summary>The transaction id.</summary>
    public TransactionId Id { get; }

    /// <summary>Where the request went.</summary>
    public TransportAddress Remote { get; }

    /// <summary>What the owner keeps with it.</summary>
    public TState State { get; }

    /// <summary>When it is sent again and given up.</summary>
    public RetransmissionSchedule Schedule { get; }

    /// <summary>When the request was first sent.</summary>
    public Instant StartedAt { get; }

    /// <summary>How many times it was sent so far.</summary>
    public int Transmissions { get; private set; }

    /// <summary>When something is to be done about it.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>Whether a response came whose integrity could not be verified.</summary>
    public bool IntegrityViolated { get; private set; }

    /// <summary>The round-trip time, if it can be told from a response that comes now.</summary>
    /// <returns>Null when the request was sent more than once: it is not known to which transmission the response belongs.</returns>
    public TimeSpan? RoundTrip(Instant now) =>
        // RFC 8489 §6.2.1: "When applied to STUN, it means that RTT estimates SHOULD NOT be computed from STUN transactions that result in
        // the retransmission of a request."
        Transmissions == 1 ? now - StartedAt : null;

    /// <summary>Notes that a response was ignored because its integrity could not be verified; the wait goes on.</summary>
    public void NoteIntegrityViolation() => IntegrityViolated = true;

    internal TransactionDue Advance(Instant now)
    {
        if (Transmissions < Schedule.Rc)
        {
            // Counted from the actual transmission, so that a driver that woke up late does not send a burst.
            Deadline = now + Schedule.WaitAfter(Transmissions);
            Transmissions++;
            return TransactionDue.Retransmit;
        }

        // RFC 8489 §9.1.4: "If all the responses received are discarded, then instead of signaling a timeout after ending the transaction,
        // the layer MUST signal that the integrity protection was violated."
        return IntegrityViolated ? TransactionDue.IntegrityViolated : TransactionDue.TimedOut;
    }
}
