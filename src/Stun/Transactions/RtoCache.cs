namespace Stun;

/// <summary>Remembers the RTO of the servers that a client talked to lately, by IP address (RFC 8489 §6.2.1). Bounded. Not thread-safe.</summary>
public sealed class RtoCache
{
    private readonly Dictionary<TransportAddress, Entry> _entries = [];
    private readonly TimeSpan _initial;
    private readonly int _capacity;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="initial">The RTO of an unknown server, and the least one; RFC 8489 asks for at least 500 ms.</param>
    /// <param name="capacity">How many servers are remembered; the one not used for longest is forgotten first.</param>
    public RtoCache(TimeSpan initial, int capacity = 64)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(initial, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _initial = initial;
        _capacity = capacity;
    }

    /// <summary>How many servers are remembered.</summary>
    public int Count => _entries.Count;

    /// <summary>The RTO with which a transaction to a server starts.</summary>
    public TimeSpan GetRto(TransportAddress server, Instant now)
    {
        // RFC 8489 §6.2.1: "The value for RTO SHOULD be cached by a client after the completion of the transaction and used as the starting
        // value for RTO for the next transaction to the same server (based on equality of IP address)."
        TransportAddress key = server.WithPort(0);
        if (!_entries.TryGetValue(key, out Entry? entry))
            return _initial;
        if (now - entry.LastUsed > TransactionLimits.RtoLifetime)
        {
            _ = _entries.Remove(key);
            return _initial;
        }

        entry.LastUsed = now;
        return entry.Estimator.Rto;
    }

    /// <summary>Takes the measurement of a transaction that completed.</summary>
    /// <param name="server">The server.</param>
    /// <param name="roundTrip">Null where the request was sent more than once: then only the time of use counts.</param>
    /// <param name="now">The time.</param>
    public void Complete(TransportAddress server, TimeSpan? roundTrip, Instant now)
    {
        TransportAddress key = server.WithPort(0);
        if (_entries.TryGetValue(key, out Entry? entry) && now - entry.LastUsed > TransactionLimits.RtoLifetime)
        {
            _ = _entries.Remove(key);
            entry = null;
        }

        if (entry is null)
        {
            if (roundTrip is null)
                return;
            if (_entries.Count >= _capacity)
                _ = _entries.Remove(_entries.MinBy(static pair => pair.Value.LastUsed).Key);
            entry = new Entry(new RtoEstimator(_initial));
            _entries.Add(key, entry);
        }

        entry.LastUsed = now;
        if (roundTrip is { } sample)
            entry.Estimator.Sample(sample);
    }

    private sealed class Entry(RtoEstimator estimator)
    {
        public RtoEstimator Estimator { get; } = estimator;

        public Instant LastUsed { get; set; }
    }
}
