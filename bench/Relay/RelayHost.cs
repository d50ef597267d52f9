using System.Net;
using System.Net.Sockets;
using Stun;
using Turn;

namespace Bench;

/// <summary>A TURN server on 127.0.0.1 that runs only while it is pumped: <see cref="TurnServerCore"/> over plain sockets, without a thread of its own.</summary>
/// <remarks>Not thread-safe. Allocates nothing per datagram, so that what is allocated is the agents'.</remarks>
internal sealed class RelayHost : IDisposable
{
    public const string User = "user";
    public const string Password = "secret";

    private const int BufferLength = 4096;
    private const int ReceiveBufferSize = 1 << 20;

    private readonly TurnServerCore _core;
    private readonly TransportAddress _address;
    private readonly Socket _socket;
    private readonly SocketAddress _source = new(AddressFamily.InterNetwork);
    private readonly SocketAddress _destination = new(AddressFamily.InterNetwork);
    private readonly Dictionary<RelayId, Socket> _relays = [];
    private readonly List<(RelayId Id, Socket Socket)> _sockets = [];
    private readonly List<Socket> _readable = [];
    private readonly byte[] _buffer = new byte[BufferLength];
    private readonly long _origin = TimeProvider.System.GetTimestamp();

    public RelayHost()
    {
        _socket = Bind(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _address = TransportAddress.FromIPAddress(EndPoint.Address, EndPoint.Port);
        _core = new TurnServerCore(
            new TurnServerCoreOptions
            {
                RelayIPv4 = _address,
                Users = new TurnUsers("relay", [new(User, Password)], []),
                Policy = new RelayPolicy { AllowLoopback = true, AllowOwnAddresses = true },
            },
            EntropySource.Secure);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Whether it reads application data and lets it go no further; STUN between the peers is relayed all the same.</summary>
    public bool IsSink { get; set; }

    /// <summary>The last ChannelData message to a client: over which channel, to whom.</summary>
    public (ushort Channel, TransportAddress Client) LastToClient { get; private set; }

    /// <summary>The last datagram that was relayed to a peer: from which relay, to whom.</summary>
    public (RelayId Relay, TransportAddress Peer) LastToPeer { get; private set; }

    /// <summary>How many ChannelData messages came from clients.</summary>
    public long ChannelDataReceived { get; private set; }

    /// <summary>How many messages to clients were ChannelData.</summary>
    public long ChannelDataSent { get; private set; }

    private Instant Now => Instant.FromOrigin(TimeProvider.System.GetElapsedTime(_origin));

    /// <summary>Handles what has arrived and what is due, waiting a little when there is nothing.</summary>
    /// <param name="microseconds">How long to wait at most.</param>
    public void Pump(int microseconds)
    {
        _readable.Clear();
        _readable.Add(_socket);
        foreach ((_, Socket socket) in _sockets)
            _readable.Add(socket);
        Socket.Select(_readable, null, null, microseconds);
        if (_readable.Contains(_socket))
            ReadClients();
        for (int i = 0; i < _sockets.Count; i++)
        {
            if (_readable.Contains(_sockets[i].Socket))
                ReadPeers(_sockets[i].Id, _sockets[i].Socket);
        }

        if (_core.NextTimeout <= Now)
            _core.HandleTimeout(Now);
        Drain();
    }

    /// <summary>Sends to a client as the server does.</summary>
    public void SendToClient(ReadOnlySpan<byte> message, SocketAddress client) => _socket.SendTo(message, SocketFlags.None, client);

    /// <summary>Sends to a peer as a relay does.</summary>
    public void SendToPeer(RelayId relay, ReadOnlySpan<byte> datagram, SocketAddress peer) => _relays[relay].SendTo(datagram, SocketFlags.None, peer);

    public void Dispose()
    {
        _core.Close();
        _socket.Dispose();
        foreach (Socket relay in _relays.Values)
            relay.Dispose();
    }

    private static Socket Bind(IPEndPoint endPoint)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = ReceiveBufferSize };
        socket.Bind(endPoint);
        return socket;
    }

    private void ReadClients()
    {
        // An empty datagram counts as nothing available: what made the socket readable is read in any case.
        do
        {
            int length = _socket.ReceiveFrom(_buffer, SocketFlags.None, _source);
            Span<byte> message = _buffer.AsSpan(0, length);
            if (ChannelData.TryParse(message, out _, out _))
                ChannelDataReceived++;
            TurnForward forward = _core.HandleClient(new FiveTuple(StunTransport.Udp, Read(_source), _address), message, Now);
            if (forward.Kind == TurnForwardKind.ToPeer && Passes(message.Slice(forward.Offset, forward.Length)))
            {
                LastToPeer = (forward.Relay, forward.Peer);
                Write(forward.Peer, _destination);
                SendToPeer(forward.Relay, message.Slice(forward.Offset, forward.Length), _destination);
            }

            Drain();
        }
        while (_socket.Available > 0);
    }

    private void ReadPeers(RelayId relay, Socket socket)
    {
        do
        {
            int length = socket.ReceiveFrom(_buffer.AsSpan(TurnServerDefaults.Headroom, BufferLength - TurnServerDefaults.Headroom - TurnServerDefaults.Tailroom), SocketFlags.None, _source);
            if (!Passes(_buffer.AsSpan(TurnServerDefaults.Headroom, length)))
                continue;
            TurnForward forward = _core.HandlePeer(relay, Read(_source), _buffer, TurnServerDefaults.Headroom, length, Now);
            if (forward.Kind != TurnForwardKind.ToClient)
                continue;
            ReadOnlySpan<byte> message = _buffer.AsSpan(forward.Offset, forward.Length);
            if (ChannelData.TryParse(message, out ushort channel, out _))
            {
                ChannelDataSent++;
                LastToClient = (channel, forward.Path.Client);
            }

            Write(forward.Path.Client, _destination);
            SendToClient(message, _destination);
        }
        while (socket.Available > 0);
    }

    private bool Passes(ReadOnlySpan<byte> payload) => !IsSink || (payload.Length > 0 && payload[0] <= 3);

    private void Drain()
    {
        bool more = true;
        while (more)
        {
            more = false;
            while (_core.TryGetTransmit(_buffer, out TurnServerTransmit transmit))
            {
                Write(transmit.Path.Client, _destination);
                SendToClient(_buffer.AsSpan(0, transmit.Length), _destination);
            }

            while (_core.TryGetEvent(out TurnServerEvent? value))
                more |= Apply(value);
        }
    }

    /// <summary>Does what the machine wants done.</summary>
    /// <returns>Whether the machine was told something, so that it has to be drained again.</returns>
    private bool Apply(TurnServerEvent value)
    {
        switch (value)
        {
            case TurnServerEvent.OpenRelay open:
                try
                {
                    Socket relay = Bind(open.Address.ToIPEndPoint());
                    _relays.Add(open.Relay, relay);
                    _sockets.Add((open.Relay, relay));
                    _core.HandleRelayOpened(open.Relay, Now);
                }
                catch (SocketException)
                {
                    _core.HandleRelayFailed(open.Relay, Now);
                }

                return true;
            case TurnServerEvent.CloseRelay close:
                if (_relays.Remove(close.Relay, out Socket? closed))
                {
                    _sockets.Remove((close.Relay, closed));
                    closed.Dispose();
                }

                return false;
            default:
                return false;
        }
    }

    // sockaddr_in: the port at 2, the address at 4, on every system.
    private static TransportAddress Read(SocketAddress address)
    {
        ReadOnlySpan<byte> bytes = address.Buffer.Span;
        return TransportAddress.FromBytes(bytes.Slice(4, 4), (bytes[2] << 8) | bytes[3]);
    }

    internal static void Write(TransportAddress value, SocketAddress address)
    {
        Span<byte> bytes = address.Buffer.Span;
        bytes[2] = (byte)(value.Port >> 8);
        bytes[3] = (byte)value.Port;
        _ = value.WriteAddress(bytes.Slice(4, 4));
        // What a receive has left at the end would be taken for a longer address.
        address.Size = 16;
    }
}
