using Stun;

namespace Ice.Core;

/// <summary>Sends from many extra sockets to the peer's addresses, again and again: each has our NAT make another mapping, which the peer's probes may meet.</summary>
internal sealed class GuessSocketsPlan(IReadOnlyList<LocalBase> sockets, IReadOnlyList<TransportAddress> destinations) : ProbePlan
{
    private int _next;
    private Instant? _nextPassAt;

    public override bool TryNext(Instant now, out IcePath path, out Instant retryAt)
    {
        path = default;
        retryAt = Instant.Never;
        // The sockets are being opened.
        if (sockets.Count == 0)
            return false;
        if (_next >= sockets.Count * destinations.Count)
            _next = 0;
        if (_next == 0)
        {
            retryAt = _nextPassAt ?? now;
            if (now < retryAt)
                return false;
            _nextPassAt = now + TraversalDefaults.GuessInterval;
        }

        path = new IcePath(sockets[_next % sockets.Count].Id, destinations[_next / sockets.Count]);
        _next++;
        Given++;
        return true;
    }
}
