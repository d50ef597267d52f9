using Stun;

namespace Ice.Core;

/// <summary>The agent's own Ta and the pacer that it shares with others: a transaction needs a token of both.</summary>
internal sealed class Pacing(TimeSpan interval, Pacer? shared)
{
    // Never as long as there is none.
    private Instant _next = Instant.Never;
    private Instant _promised = Instant.Never;

    /// <summary>Ta as both agents agreed on it.</summary>
    public TimeSpan Interval { get; private set; } = interval;

    /// <summary>Takes the peer's proposal into account.</summary>
    public void Negotiate(TimeSpan own, int? peerMilliseconds)
    {
        // RFC 8445 §14.2: "Both agents MUST use the higher value of the proposed values.  If an agent does not propose a value, the
        // default value is used for that agent when comparing which value is higher."
        TimeSpan peer = peerMilliseconds is { } value ? TimeSpan.FromMilliseconds(value) : IceDefaults.Pacing;
        TimeSpan agreed = own > peer ? own : peer;
        Interval = agreed < IceDefaults.MaximumPacing ? agreed : IceDefaults.MaximumPacing;
    }

    /// <summary>Takes a token that the other agents of the process have left over, for a probe; probes keep a time of their own besides Ta.</summary>
    public bool TryTakeSpare(Instant now, out Instant retryAt)
    {
        retryAt = now;
        return shared is null || shared.TryTakeSpare(now, out retryAt);
    }

    /// <summary>Takes a token of both pacers when it is there.</summary>
    /// <param name="now">The time.</param>
    /// <param name="urgent">Whether saved tokens may be spent, the agent's own and the shared ones.</param>
    /// <param name="first">Whether it is the session's first check, which may spend the agent's own saved tokens.</param>
    /// <param name="retryAt">When to ask again after a refusal.</param>
    public bool TryTake(Instant now, bool urgent, bool first, out Instant retryAt)
    {
        Instant next = _next.IsNever ? now : _next;
        Instant allowedAt = urgent || first ? next - (Interval * IceDefaults.UrgentBurst) : next;
        if (now < allowedAt)
        {
            retryAt = allowedAt;
            _promised = allowedAt;
            return false;
        }

        if (shared is not null && !shared.TryTake(now, urgent, _promised == next, out retryAt))
            return false;
        _next = Pacer.SpentAt(next, now, _promised == next, Interval) + Interval;
        retryAt = now;
        return true;
    }
}
