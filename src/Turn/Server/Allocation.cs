using Stun;

namespace Turn;

/// <summary>What RFC 8656 §6 has of an allocation: one or two relayed addresses, the 5-tuple, the user, permissions and channels.</summary>
internal sealed class Allocation
{
    private readonly Dictionary<TransportAddress, Instant> _permissions = [];
    private readonly Dictionary<ushort, Channel> _channels = [];
    private readonly Dictionary<TransportAddress, Channel> _channelsByPeer = [];
    private Instant _spentAt;
    private double _spent;

    public Allocation(long id, in RequestContext request, TurnTransport transport, Instant now)
    {
        Id = id;
        Path = request.Path;
        Request = request;
        Credentials = request.Auth;
        Transport = transport;
        _spentAt = now;
    }

    /// <summary>What a mobility ticket refers to.</summary>
    public long Id { get; }

    /// <summary>The path on which the client gets data.</summary>
    public FiveTuple Path { get; set; }

    /// <summary>The path to which the client is about to move (RFC 8016); the default value when it is not.</summary>
    public FiveTuple NextPath { get; set; }

    public bool IsMoving => !NextPath.Client.IsNone;

    /// <summary>The request that made it: kept to know a retransmission, and for its user and key.</summary>
    public RequestContext Request { get; }

    public string User => Request.User;

    /// <summary>The credentials of the last request that made or refreshed it: with an access token, the key of the requests without one.</summary>
    public TurnAuthentication Credentials { get; set; }

    public TurnTransport Transport { get; }

    public Relay? IPv4 { get; set; }

    public Relay? IPv6 { get; set; }

    /// <summary>The relay on the next higher port, until it is reserved.</summary>
    public Relay? Next { get; set; }

    /// <summary>The token of the reserved port, as the success response told it; 0 without one.</summary>
    public ulong ReservationToken { get; set; }

    /// <summary>The requested lifetime, until the relays are open.</summary>
    public TimeSpan Lifetime { get; set; }

    /// <summary>Whether the success response was sent.</summary>
    public bool IsComplete { get; set; }

    /// <summary>What of a dual allocation could not be had, for ADDRESS-ERROR-CODE; 0 when everything could.</summary>
    public int PartialError { get; set; }

    /// <summary>Whether the missing address of <see cref="PartialError"/> is the IPv6 one.</summary>
    public bool PartialErrorIsIPv6 { get; set; }

    /// <summary>The current mobility ticket; null without mobility.</summary>
    public byte[]? Ticket { get; set; }

    /// <summary>How often the client has moved: the part of a ticket that grows old.</summary>
    public uint TicketGeneration { get; set; }

    /// <summary>Whether the client's stream is gone and the allocation waits for it to come back with its ticket.</summary>
    public bool IsOrphaned { get; set; }

    /// <summary>When the client moved last.</summary>
    public Instant MovedAt { get; set; }

    /// <summary>The Refresh that moved it: its retransmission is known by this.</summary>
    public TransactionId MovedBy { get; set; }

    /// <summary>Connections with peers (RFC 6062).</summary>
    public List<PeerConnection> Connections { get; } = [];

    public bool IsEmpty => IPv4 is null && IPv6 is null;

    public int ChannelCount => _channels.Count;

    public int PermissionCount => _permissions.Count;

    public Relay? RelayFor(TransportAddress peer) => peer.IsIPv4 ? IPv4 : IPv6;

    public bool HasPermission(TransportAddress peer, Instant now) => _permissions.TryGetValue(AddressOf(peer), out Instant expiry) && now < expiry;

    /// <summary>Whether permissions for some more addresses fit; expired ones make room.</summary>
    public bool HasRoomForPermissions(int added, int limit, Instant now)
    {
        if (_permissions.Count + added <= limit)
            return true;
        foreach ((TransportAddress address, Instant expiry) in _permissions)
        {
            // Removing while enumerating is allowed by this dictionary.
            if (now >= expiry)
                _ = _permissions.Remove(address);
        }

        return _permissions.Count + added <= limit;
    }

    /// <summary>Whether the address has an entry, be it expired.</summary>
    public bool KnowsPermission(TransportAddress peer) => _permissions.ContainsKey(AddressOf(peer));

    /// <summary>Installs or refreshes a permission.</summary>
    /// <returns>Whether there was none in force.</returns>
    public bool Permit(TransportAddress peer, Instant now)
    {
        bool isNew = !HasPermission(peer, now);
        // RFC 8656 §9: "The Permission Lifetime MUST be 300 seconds (= 5 minutes)."
        _permissions[AddressOf(peer)] = now + TurnDefaults.PermissionLifetime;
        return isNew;
    }

    public Channel? FindChannel(ushort number, Instant now) => _channels.TryGetValue(number, out Channel? channel) && now < channel.Expiry ? channel : null;

    public Channel? FindChannel(TransportAddress peer, Instant now) =>
        _channelsByPeer.Count > 0 && _channelsByPeer.TryGetValue(peer, out Channel? channel) && now < channel.Expiry ? channel : null;

    public bool HasRoomForChannel(int limit, Instant now)
    {
        if (_channels.Count < limit)
            return true;
        foreach (Channel channel in _channels.Values)
        {
            if (now >= channel.Expiry)
                Unbind(channel);
        }

        return _channels.Count < limit;
    }

    public void Bind(ushort number, TransportAddress peer, Relay relay, Instant now)
    {
        Channel? channel = FindChannel(number, now);
        if (channel is null)
        {
            // What has expired under this number or for this peer is unbound.
            if (_channels.TryGetValue(number, out Channel? old))
                Unbind(old);
            if (_channelsByPeer.TryGetValue(peer, out old))
                Unbind(old);
            channel = new Channel(number, peer, relay);
            _channels.Add(number, channel);
            _channelsByPeer.Add(peer, channel);
        }

        // RFC 8656 §12: "Refreshing the binding (by the server receiving a ChannelBind request rebinding the channel to the same peer)
        // resets the time-to-expiry timer back to 10 minutes."
        channel.Expiry = now + TurnDefaults.ChannelLifetime;
    }

    /// <summary>Takes one relayed address away, with its permissions and channels.</summary>
    public void Remove(Relay relay)
    {
        bool isIPv4 = ReferenceEquals(relay, IPv4);
        if (isIPv4)
            IPv4 = null;
        else
            IPv6 = null;
        // RFC 8656 §8.1: "Deleting a single allocation destroys any permissions or channels associated with that particular allocation; it
        // MUST NOT affect any permissions or channels associated with allocations for the other address family."
        foreach (TransportAddress address in _permissions.Keys)
        {
            if (address.IsIPv4 == isIPv4)
                _ = _permissions.Remove(address);
        }

        foreach (Channel channel in _channels.Values)
        {
            if (ReferenceEquals(channel.Relay, relay))
                Unbind(channel);
        }
    }

    /// <summary>Whether some bytes are within the allocation's bandwidth.</summary>
    public bool TrySpend(int bytes, long perSecond, Instant now)
    {
        if (perSecond == 0)
            return true;
        _spent = Math.Max(0, _spent - ((now - _spentAt).TotalSeconds * perSecond));
        _spentAt = now;
        if (_spent + bytes > perSecond)
            return false;
        _spent += bytes;
        return true;
    }

    private static TransportAddress AddressOf(TransportAddress peer) => peer.WithPort(0);

    private void Unbind(Channel channel)
    {
        _ = _channels.Remove(channel.Number);
        _ = _channelsByPeer.Remove(channel.Peer);
    }
}
