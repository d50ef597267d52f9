using System.Diagnostics.CodeAnalysis;
using Stun;

namespace Turn;

/// <summary>Every allocation, relay and connection of a server, by everything that they are looked up by. Bounded by the policy's limits.</summary>
internal sealed class AllocationTable
{
    private readonly Dictionary<FiveTuple, Allocation> _byPath = [];
    private readonly Dictionary<long, Allocation> _byId = [];
    private readonly Dictionary<string, int> _perUser = new(StringComparer.Ordinal);
    private readonly Dictionary<RelayId, Relay> _relays = [];
    private readonly Dictionary<(TurnTransport Transport, TransportAddress Relayed), Relay> _byRelayed = [];
    private readonly Dictionary<ulong, Relay> _reserved = [];
    private readonly Dictionary<uint, PeerConnection> _connections = [];
    private readonly Dictionary<FiveTuple, PeerConnection> _joined = [];

    public int Count => _byId.Count;

    public int RelayCount => _relays.Count;

    public int ReservationCount => _reserved.Count;

    public int ConnectionCount => _connections.Count;

    /// <summary>All entries of all tables: 0 when nothing is kept.</summary>
    public int EntryCount => _byPath.Count + _byId.Count + _perUser.Count + _relays.Count + _byRelayed.Count + _reserved.Count + _connections.Count + _joined.Count;

    public IEnumerable<Allocation> All => _byId.Values;

    public IEnumerable<Relay> Reserved => _reserved.Values;

    public int CountOf(string user) => _perUser.GetValueOrDefault(user);

    public Allocation? Find(in FiveTuple path) => _byPath.GetValueOrDefault(path);

    public Allocation? Find(long id) => _byId.GetValueOrDefault(id);

    public Relay? FindRelay(RelayId id) => _relays.GetValueOrDefault(id);

    public bool IsRelayed(TurnTransport transport, TransportAddress address) => _byRelayed.ContainsKey((transport, address));

    public PeerConnection? FindConnection(uint id) => _connections.GetValueOrDefault(id);

    public bool TryFindJoined(in FiveTuple client, [NotNullWhen(true)] out PeerConnection? connection) => _joined.TryGetValue(client, out connection);

    public Relay? FindReservation(ulong token) => _reserved.GetValueOrDefault(token);

    public void Add(Allocation allocation)
    {
        _byPath.Add(allocation.Path, allocation);
        _byId.Add(allocation.Id, allocation);
        _perUser[allocation.User] = CountOf(allocation.User) + 1;
    }

    public void Remove(Allocation allocation)
    {
        _ = _byPath.Remove(allocation.Path);
        if (allocation.IsMoving)
            _ = _byPath.Remove(allocation.NextPath);
        _ = _byId.Remove(allocation.Id);
        int left = CountOf(allocation.User) - 1;
        if (left == 0)
            _ = _perUser.Remove(allocation.User);
        else
            _perUser[allocation.User] = left;
    }

    /// <summary>Lets an allocation be reached on the path that its client moves to, too.</summary>
    public void BeginMove(Allocation allocation, in FiveTuple path)
    {
        if (allocation.IsMoving)
            _ = _byPath.Remove(allocation.NextPath);
        allocation.NextPath = path;
        _byPath.Add(path, allocation);
    }

    /// <summary>Gives up the path that the client has left.</summary>
    public void CompleteMove(Allocation allocation)
    {
        _ = _byPath.Remove(allocation.Path);
        allocation.Path = allocation.NextPath;
        allocation.NextPath = default;
    }

    /// <summary>Gives up the path that the client was about to move to.</summary>
    public void AbandonMove(Allocation allocation)
    {
        _ = _byPath.Remove(allocation.NextPath);
        allocation.NextPath = default;
    }

    public void Add(Relay relay)
    {
        _relays.Add(relay.Id, relay);
        _byRelayed.Add((relay.Transport, relay.Relayed), relay);
    }

    public void Remove(Relay relay)
    {
        _ = _relays.Remove(relay.Id);
        _ = _byRelayed.Remove((relay.Transport, relay.Relayed));
        Unreserve(relay);
    }

    public void Reserve(Relay relay, ulong token)
    {
        relay.Token = token;
        _reserved.Add(token, relay);
    }

    public void Unreserve(Relay relay)
    {
        if (relay.Token == 0)
            return;
        _ = _reserved.Remove(relay.Token);
        relay.Token = 0;
    }

    public void Add(PeerConnection connection)
    {
        _connections.Add(connection.Id, connection);
        connection.Owner.Connections.Add(connection);
    }

    public void Join(PeerConnection connection, in FiveTuple client)
    {
        connection.Client = client;
        connection.State = PeerConnectionState.Joined;
        _joined.Add(client, connection);
    }

    public void Remove(PeerConnection connection)
    {
        _ = _connections.Remove(connection.Id);
        _ = connection.Owner.Connections.Remove(connection);
        if (connection.State == PeerConnectionState.Joined)
            _ = _joined.Remove(connection.Client);
    }
}
