using Stun;

namespace Turn;

/// <summary>The order in which relays, reservations and connections run out.</summary>
/// <remarks>
/// An entry is not taken out when its relay is refreshed: it is looked at when its time comes, and queued again for the new time. So a relay has
/// one entry as a rule, and a client that shortens and lengthens a lifetime all the time makes no more than one a lifetime.
/// </remarks>
internal sealed class RelayDeadlines
{
    private readonly PriorityQueue<Entry, Instant> _queue = new();

    public Instant Next => _queue.TryPeek(out _, out Instant at) ? at : Instant.Never;

    public int Count => _queue.Count;

    public void Add(Relay relay)
    {
        if (relay.Expiry >= relay.Queued)
            return;
        relay.Queued = relay.Expiry;
        _queue.Enqueue(new Entry(relay.Id, 0), relay.Expiry);
    }

    public void Add(PeerConnection connection) => _queue.Enqueue(new Entry(default, connection.Id), connection.Deadline);

    public bool TryTakeDue(Instant now, out RelayId relay, out uint connection, out Instant at)
    {
        relay = default;
        connection = 0;
        if (!_queue.TryPeek(out Entry entry, out at) || at > now)
            return false;
        _ = _queue.Dequeue();
        relay = entry.Relay;
        connection = entry.Connection;
        return true;
    }

    private readonly record struct Entry(RelayId Relay, uint Connection);
}
