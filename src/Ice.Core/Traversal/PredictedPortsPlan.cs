using Stun;

namespace Ice.Core;

/// <summary>Probes the ports around those that a sequential NAT of the peer has shown, in rounds that widen.</summary>
internal sealed class PredictedPortsPlan(RemoteMapping remote, IReadOnlyList<LocalBase> bases, int limit) : ProbePlan
{
    private readonly List<TransportAddress> _round = [];
    private int _next;
    private int _width = TraversalDefaults.FirstRound;
    private Instant? _nextRoundAt;

    public override bool TryNext(Instant now, out IcePath path, out Instant retryAt)
    {
        path = default;
        retryAt = Instant.Never;
        if (Given >= limit)
        {
            IsExhausted = true;
            return false;
        }

        if (_next >= _round.Count * bases.Count && !BeginRound(now, out retryAt))
            return false;
        path = new IcePath(bases[_next % bases.Count].Id, _round[_next / bases.Count]);
        _next++;
        Given++;
        return true;
    }

    private bool BeginRound(Instant now, out Instant retryAt)
    {
        retryAt = _nextRoundAt ?? now;
        if (now < retryAt)
            return false;
        _nextRoundAt = now + TraversalDefaults.RoundInterval;
        _round.Clear();
        _next = 0;
        foreach (TransportAddress address in remote.Addresses)
        {
            foreach (int port in Ports())
            {
                if (port is >= PortPattern.FirstPort and <= PortPattern.LastPort)
                    _round.Add(address.WithPort(port));
            }
        }

        _width = Math.Min(_width * 2, TraversalDefaults.WidestRound);
        IsExhausted = _round.Count == 0;
        return _round.Count > 0;
    }

    // The peer's check to us took a mapping after those that its servers saw, most likely; between them, if it knew of us early; or before.
    private IEnumerable<int> Ports()
    {
        int first = remote.Ports[0];
        int last = remote.Ports[^1];
        // What order the samples were made in is not known, nor what was made in between: a step of 2 may be one of 1.
        int stride = remote.Pattern.Step > 2 ? remote.Pattern.Step : 1;
        for (int port = first + 1; port < last; port++)
        {
            if (!remote.Ports.Contains(port))
                yield return port;
        }

        for (int i = 1; i <= _width; i++)
            yield return last + (i * stride);
        for (int i = 1; i <= _width / 4; i++)
            yield return first - (i * stride);
    }
}
