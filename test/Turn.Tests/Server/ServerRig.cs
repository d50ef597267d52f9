using Stun;

namespace Turn.Tests.Server;

/// <summary>A server in virtual time, with a driver that opens every relay at once unless told otherwise.</summary>
internal sealed class ServerRig
{
    public static readonly TransportAddress Listening = TransportAddress.Parse("192.0.2.1", 3478);
    public static readonly TransportAddress RelayIPv4 = TransportAddress.Parse("192.0.2.15", 0);
    public static readonly TransportAddress RelayIPv6 = TransportAddress.Parse("2001:db8::15", 0);
    public static readonly TransportAddress Peer = TransportAddress.Parse("203.0.113.7", 7000);
    public static readonly TransportAddress OtherPeer = TransportAddress.Parse("203.0.113.8", 8000);
    public static readonly TransportAddress PeerIPv6 = TransportAddress.Parse("2001:db8:7::7", 7000);

    private readonly byte[] _buffer = new byte[TurnServerCore.MaxReplyLength];
    private readonly Queue<(FiveTuple Path, byte[] Message)> _replies = new();

    public ServerRig(Func<TurnServerCoreOptions, TurnServerCoreOptions>? change = null, ulong seed = 1)
    {
        Entropy = new SeededEntropy(seed);
        var options = new TurnServerCoreOptions
        {
            RelayIPv4 = RelayIPv4,
            RelayIPv6 = RelayIPv6,
            OwnAddresses = [Listening],
            Users = new TurnUsers("example.org", [new("alice", "secret"), new("bob", "hidden")], "shared"u8),
            SupportsDontFragment = true,
            TimeOrigin = DateTimeOffset.UnixEpoch.AddSeconds(1_000_000),
        };
        Core = new TurnServerCore(change?.Invoke(options) ?? options, Entropy);
    }

    public EntropySource Entropy { get; }

    public TurnServerCore Core { get; }

    public Instant Now { get; private set; } = Instant.FromOrigin(TimeSpan.FromSeconds(100));

    public List<TurnServerEvent> Events { get; } = [];

    /// <summary>Whether the system lets a relay be opened; null leaves it open for the test to answer.</summary>
    public Func<TurnServerEvent.OpenRelay, bool?> Opens { get; set; } = _ => true;

    public HashSet<RelayId> OpenRelays { get; } = [];

    public RelayId LastRelay { get; private set; }

    public static FiveTuple Path(string address = "198.51.100.1", int port = 5000, bool stream = false) =>
        new(stream ? StunTransport.Tcp : StunTransport.Udp, TransportAddress.Parse(address, port), Listening);

    public RigClient Client(string address = "198.51.100.1", int port = 5000, bool stream = false, string user = "alice", string password = "secret") =>
        new(this, Path(address, port, stream), new LongTermClient(new LongTermCredential(user, password)));

    public TurnForward Send(FiveTuple path, ReadOnlySpan<byte> message)
    {
        TurnForward forward = Core.HandleClient(path, message, Now);
        Pump();
        return forward;
    }

    /// <summary>A datagram of a peer arrives at a relay.</summary>
    /// <returns>What the client gets; null when it was dropped.</returns>
    public byte[]? FromPeer(RelayId relay, TransportAddress peer, ReadOnlySpan<byte> data, out FiveTuple path)
    {
        byte[] buffer = new byte[TurnServerDefaults.Headroom + data.Length + TurnServerDefaults.Tailroom];
        data.CopyTo(buffer.AsSpan(TurnServerDefaults.Headroom));
        TurnForward forward = Core.HandlePeer(relay, peer, buffer, TurnServerDefaults.Headroom, data.Length, Now);
        Pump();
        path = forward.Path;
        return forward.Kind == TurnForwardKind.ToClient ? buffer[forward.Offset..(forward.Offset + forward.Length)] : null;
    }

    public byte[]? FromPeer(TransportAddress peer, ReadOnlySpan<byte> data) => FromPeer(LastRelay, peer, data, out _);

    /// <summary>Lets time pass, with every timeout at its moment.</summary>
    public void Advance(double seconds)
    {
        Instant end = Now + TimeSpan.FromSeconds(seconds);
        while (Core.NextTimeout <= end)
        {
            Now = Instant.Max(Now, Core.NextTimeout);
            Core.HandleTimeout(Now);
            Pump();
        }

        Now = end;
    }

    public byte[]? TakeReply(out FiveTuple path)
    {
        bool found = _replies.TryDequeue(out (FiveTuple Path, byte[] Message) reply);
        path = reply.Path;
        return found ? reply.Message : null;
    }

    public byte[]? TakeReply() => TakeReply(out _);

    public T Only<T>()
        where T : TurnServerEvent => Events.OfType<T>().Single();

    public void Pump()
    {
        bool more = true;
        while (more)
        {
            more = false;
            while (Core.TryGetTransmit(_buffer, out TurnServerTransmit transmit))
                _replies.Enqueue((transmit.Path, _buffer[..transmit.Length]));
            while (Core.TryGetEvent(out TurnServerEvent? value))
            {
                Events.Add(value);
                more |= Obey(value);
            }
        }
    }

    private bool Obey(TurnServerEvent value)
    {
        switch (value)
        {
            case TurnServerEvent.OpenRelay open:
                bool? opens = Opens(open);
                if (opens == true)
                {
                    _ = OpenRelays.Add(open.Relay);
                    LastRelay = open.Relay;
                    Core.HandleRelayOpened(open.Relay, Now);
                }
                else if (opens == false)
                {
                    Core.HandleRelayFailed(open.Relay, Now);
                }

                return true;
            case TurnServerEvent.CloseRelay close:
                _ = OpenRelays.Remove(close.Relay);
                return false;
            default:
                return false;
        }
    }
}
