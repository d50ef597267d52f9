using Stun;
using Turn;

namespace Ice.Simulation;

/// <summary>A TURN server on a host: the product's own <see cref="TurnServerCore"/> over simulated UDP sockets and TCP connections, without TLS.</summary>
public sealed class SimTurnServer
{
    private const int BufferLength = 2_000;

    private readonly SimHost _host;
    private readonly Dictionary<TransportAddress, SimSocket> _sockets = [];
    private readonly TurnServerCoreOptions _options;
    private readonly Dictionary<RelayId, SimSocket> _relays = [];
    private readonly Dictionary<FiveTuple, SimStream> _streams = [];
    private readonly byte[] _buffer = new byte[BufferLength];
    private TurnServerCore _core;
    private Instant _armed = Instant.Never;

    /// <summary>Opens a server.</summary>
    /// <param name="host">The host that it runs on.</param>
    /// <param name="address">An address of the host; port 0 means 3478.</param>
    /// <param name="options">How it runs; the relay addresses are those of the host.</param>
    public SimTurnServer(SimHost host, TransportAddress address, TurnServerCoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        _host = host;
        _options = options;
        _core = NewCore();
        Address = address.Port == 0 ? address.WithPort(3478) : address;
        Open(Address);
    }

    /// <summary>Where it listened first.</summary>
    public TransportAddress Address { get; }

    /// <summary>Whether it ignores everything, as a server does that is down.</summary>
    public bool IsSilent { get; set; }

    /// <summary>The machine, for reading.</summary>
    public TurnServerCore Core => _core;

    /// <summary>How many relay sockets are open.</summary>
    public int OpenRelays => _relays.Count;

    /// <summary>Takes datagrams at a further address.</summary>
    /// <param name="address">An address of the host, with a port.</param>
    public void Open(TransportAddress address)
    {
        SimSocket socket = _host.Bind(address);
        socket.OnReceive((at, remote, datagram) => OnClient(new FiveTuple(StunTransport.Udp, remote, at.LocalAddress), datagram));
        _sockets.Add(address, socket);
    }

    /// <summary>Takes TCP connections too.</summary>
    /// <param name="address">An address of the host, with a port.</param>
    public void Listen(TransportAddress address) => _host.Listen(address, Accept);

    /// <summary>Ends the process and starts it anew: every allocation is forgotten, and nonces are of a new key.</summary>
    public void Restart()
    {
        foreach (SimSocket relay in _relays.Values)
            relay.Close();
        _relays.Clear();
        foreach (SimStream stream in _streams.Values)
            stream.Close();
        _streams.Clear();
        _core = NewCore();
    }

    private TurnServerCore NewCore() => new(_options, new SimEntropy(_host.Network.Random.Fork()));

    private void Accept(SimStream stream)
    {
        var path = new FiveTuple(StunTransport.Tcp, stream.RemoteAddress, stream.LocalAddress);
        var frames = new TurnFrames();
        _streams.Add(path, stream);
        stream.Received = bytes =>
        {
            if (frames.Take(bytes.Span) is not { } messages)
            {
                stream.Close();
                Forget(path);
                return;
            }

            foreach (byte[] message in messages)
                OnClient(path, message);
        };
        stream.Closed = _ => Forget(path);
    }

    private void Forget(FiveTuple path)
    {
        if (!_streams.Remove(path))
            return;
        _core.HandleStreamClosed(path, _host.Network.Now);
        Drain();
    }

    private void Send(in FiveTuple path, ReadOnlySpan<byte> message)
    {
        if (path.Transport == StunTransport.Udp)
            _sockets[path.Server].Send(path.Client, message);
        else if (_streams.TryGetValue(path, out SimStream? stream))
            stream.Send(message);
    }

    private void OnClient(FiveTuple path, ReadOnlySpan<byte> datagram)
    {
        if (IsSilent)
            return;
        TurnForward forward = _core.HandleClient(path, datagram, _host.Network.Now);
        if (forward.Kind == TurnForwardKind.ToPeer && _relays.TryGetValue(forward.Relay, out SimSocket? relay))
            relay.Send(forward.Peer, datagram.Slice(forward.Offset, forward.Length));
        Drain();
    }

    private void OnPeer(RelayId relay, TransportAddress peer, ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length + TurnServerDefaults.Headroom + TurnServerDefaults.Tailroom > _buffer.Length)
            return;
        datagram.CopyTo(_buffer.AsSpan(TurnServerDefaults.Headroom));
        TurnForward forward = _core.HandlePeer(relay, peer, _buffer, TurnServerDefaults.Headroom, datagram.Length, _host.Network.Now);
        if (forward.Kind == TurnForwardKind.ToClient)
            Send(forward.Path, _buffer.AsSpan(forward.Offset, forward.Length));
        Drain();
    }

    private void Drain()
    {
        bool more = true;
        while (more)
        {
            more = false;
            while (_core.TryGetTransmit(_buffer, out TurnServerTransmit transmit))
                Send(transmit.Path, _buffer.AsSpan(0, transmit.Length));
            while (_core.TryGetEvent(out TurnServerEvent? value))
                more |= Apply(value);
        }

        Arm();
    }

    /// <summary>Does what the machine wants done.</summary>
    /// <returns>Whether the machine was told something, so that it has to be drained again.</returns>
    private bool Apply(TurnServerEvent value)
    {
        switch (value)
        {
            case TurnServerEvent.OpenRelay open:
                SimSocket relay = _host.Bind(open.Address);
                relay.OnReceive((_, remote, datagram) => OnPeer(open.Relay, remote, datagram));
                _relays.Add(open.Relay, relay);
                _core.HandleRelayOpened(open.Relay, _host.Network.Now);
                return true;
            case TurnServerEvent.CloseRelay close:
                if (_relays.Remove(close.Relay, out SimSocket? closed))
                    closed.Close();
                return false;
            case TurnServerEvent.CloseClient close:
                if (_streams.Remove(close.Client, out SimStream? ended))
                    ended.Close();
                return false;
            default:
                return false;
        }
    }

    private void Arm()
    {
        Instant due = _core.NextTimeout;
        if (due.IsNever || due == _armed)
            return;
        _armed = due;
        _host.Network.Schedule(Instant.Max(due, _host.Network.Now), () =>
        {
            if (_armed == due)
                _armed = Instant.Never;
            _core.HandleTimeout(_host.Network.Now);
            Drain();
        });
    }
}
