using Stun;
using Turn;

namespace Ice.Core;

/// <summary>One TURN server reached from one base: its client, and the bases that its relayed addresses are.</summary>
/// <remarks>It outlives the session: a restart uses the allocation again.</remarks>
internal sealed class Relay(int id, LocalBase from, GatheringServer server, int serverIndex, Instant now)
{
    private RelayRoute? _route;

    /// <summary>Names the relay towards the driver.</summary>
    public int Id { get; } = id;

    public LocalBase From { get; } = from;

    public GatheringServer Server { get; } = server;

    public int ServerIndex { get; } = serverIndex;

    public RelaySettings Settings => Server.Relay!;

    /// <summary>When the allocation was asked for, this time.</summary>
    public Instant StartedAt { get; set; } = now;

    /// <summary>The client; null as long as the stream to the server is not open.</summary>
    public TurnClient? Client { get; set; }

    /// <summary>The socket or stream towards the server.</summary>
    public BaseId Via { get; set; } = from.Id;

    /// <summary>The bases of the relayed addresses, IPv4 and IPv6.</summary>
    public List<LocalBase> Bases { get; } = [];

    /// <summary>What the server sees us as; none where it is not known.</summary>
    public TransportAddress Mapped { get; set; }

    /// <summary>Whether the outcome is known: an allocation, or a failure.</summary>
    public bool Concluded { get; set; }

    public IcePath ServerPath => new(Via, Client?.Server ?? Server.Address);

    public bool IsAllocated => Client?.State == TurnClientState.Allocated;

    public LocalBase? BaseFor(TransportAddress peer) => Bases.Find(b => b.Address.SameFamily(peer));

    /// <summary>Whether a check can be sent to the peer: the server has its permission, or was told to make it.</summary>
    /// <remarks>
    /// RFC 8445 §7.2.1: "It would have created one previously if it had told the TURN server to create a permission for the given relayed
    /// candidate towards the IP address of the remote candidate." A server on the Internet refuses private addresses as a rule: its answer is
    /// waited for, so that no check is spent on them.
    /// </remarks>
    public bool CanReach(TransportAddress peer) => Client is { } client
        && (client.HasPermission(peer) || (client.MayReach(peer) && !(peer.IsPrivate && BaseFor(peer) is { Address.IsPrivate: false })));

    /// <summary>How data reaches the server; the same object as the last time when nothing has changed.</summary>
    public RelayRoute RouteTo(TransportAddress peer)
    {
        ushort channel = 0;
        _ = Client?.TryGetChannel(peer, out channel);
        if (_route is null || _route.Server != ServerPath || _route.Peer != peer || _route.Channel != channel)
            _route = new RelayRoute(ServerPath, peer, channel);
        return _route;
    }
}
