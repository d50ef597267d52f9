using Stun;

namespace Ice.Core;

/// <summary>Spaces new STUN transactions by Ta (RFC 8445 §6.1.4.2, §14.2). One may be shared by all agents of a process. Thread-safe.</summary>
/// <remarks>
/// A token bucket: one token every Ta, and a few are saved while nothing is sent. Ordinary checks and gathering take a token only when the
/// last one is a whole Ta old; triggered checks and nominations may spend saved tokens at once. Over any longer time the rate is one per Ta.
/// </remarks>
public sealed class Pacer
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _saved;
    private Instant? _next;
    private Instant? _promised;

    /// <summary>Creates a pacer.</summary>
    /// <param name="interval">Ta: 5 ms at least (RFC 8445 §14.2).</param>
    /// <param name="urgentBurst">How many transactions may go before their time when they are urgent.</param>
    public Pacer(TimeSpan interval, int urgentBurst = IceDefaults.SharedUrgentBurst)
    {
        // RFC 8445 §14.2: "the combination of all transactions from all agents (if a given implementation runs several concurrent agents)
        // MUST NOT be sent more often than once every 5 ms"
        if (interval < IceDefaults.MinimumPacing)
            throw new ArgumentOutOfRangeException(nameof(interval), interval, "Ta must be 5 ms or more (RFC 8445 §14.2).");
        ArgumentOutOfRangeException.ThrowIfNegative(urgentBurst);
        Interval = interval;
        _saved = interval * urgentBurst;
    }

    /// <summary>Stands for no pacer in common: each agent keeps its own Ta, and nobody keeps that of all together. For servers that connect many agents at once.</summary>
    /// <remarks>
    /// RFC 8445 §14.2: "the combination of all transactions from all agents (if a given implementation runs several concurrent agents) MUST NOT
    /// be sent more often than once every 5 ms (as though there were one global Ta value for pacing all agents)." That bounds a host to 200
    /// transactions a second. Whoever uses this answers for the load that its agents put on the networks that they share.
    /// </remarks>
    public static Pacer Unshared { get; } = new(IceDefaults.MinimumPacing);

    /// <summary>Ta.</summary>
    public TimeSpan Interval { get; }

    /// <summary>Takes a token when one is there.</summary>
    /// <param name="now">The time.</param>
    /// <param name="urgent">Whether saved tokens may be spent: a triggered check or a nomination.</param>
    /// <param name="retryAt">When to ask again after a refusal.</param>
    /// <returns>Whether the transaction may start now.</returns>
    public bool TryTake(Instant now, bool urgent, out Instant retryAt) => TryTake(now, urgent, awaited: false, out retryAt);

    /// <summary>Takes a token when one is there.</summary>
    /// <param name="now">The time.</param>
    /// <param name="urgent">Whether saved tokens may be spent.</param>
    /// <param name="awaited">Whether the transaction has waited for a timer, which may have been late.</param>
    /// <param name="retryAt">When to ask again after a refusal.</param>
    internal bool TryTake(Instant now, bool urgent, bool awaited, out Instant retryAt)
    {
        lock (_gate)
        {
            Instant next = _next ?? now;
            Instant allowedAt = urgent ? next - _saved : next;
            if (now < allowedAt)
            {
                retryAt = allowedAt;
                _promised = allowedAt;
                return false;
            }

            _next = SpentAt(next, now, awaited || _promised == next, Interval) + Interval;
            retryAt = now;
            return true;
        }
    }

    /// <summary>When a token counts as spent: at the time it was due, where it was waited for and a timer only was late.</summary>
    /// <remarks>Otherwise each timer's delay would be added to Ta, and a Ta of 5 ms would become one of 6 or 7.</remarks>
    internal static Instant SpentAt(Instant due, Instant now, bool awaited, TimeSpan interval) =>
        awaited && now > due && now - due < interval / 2 ? due : Instant.Max(due, now);

    /// <summary>Takes a token that nobody has wanted for a whole Ta: whatever else waits goes first, and saved tokens stay.</summary>
    internal bool TryTakeSpare(Instant now, out Instant retryAt)
    {
        lock (_gate)
        {
            retryAt = _next is { } next ? next + Interval : now;
            if (now < retryAt)
                return false;
            _next = now + Interval;
            retryAt = now;
            return true;
        }
    }
}
