using Stun;
using Turn;

namespace Ice.Simulation;

/// <summary>A TURN server on a host: the product's own <see cref="TurnServerCore"/> over simulated sockets, UDP only.</summary>
public sealed class SimTurnServer
{
    private const int BufferLength = 2_000;

    private readonly SimHost _host;
    private readonly SimSocket _socket;
    private readonly TurnServerCoreOptions _options;
    private readonly Dictionary<RelayId, SimSocket> _relays = [];
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
        _socket = host.Bind(address.Port == 0 ? address.WithPort(3478) : address);
        _socket.OnReceive((_, remote, datagram) => OnClient(remote, datagram));
    }

    /// <summary>Where it listens.</summary>
    public TransportAddress Address => _socket.LocalAddress;

    /// <summary>The machine, for reading.</summary>
    public TurnServerCore Core => _core;

    /// <summary>How many relay sockets are open.</summary>
    public int OpenRelays => _relays.Count;

    /// <summary>Ends the process and starts it anew: every allocation is forgotten, and nonces are of a new key.</summary>
    public void Restart()
    {
        foreach (SimSocket relay in _relays.Values)
            relay.Close();
        _relays.Clear();
        _core = NewCore();
    }

    private TurnServerCore NewCore() => new(_options, new SimEntropy(_host.Network.Random.Fork()));

    private void OnClient(TransportAddress client, ReadOnlySpan<byte> datagram)
    {
        var path = new FiveTuple(StunTransport.Udp, client, Address);
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
            _socket.Send(forward.Path.Client, _buffer.AsSpan(forward.Offset, forward.Length));
        Drain();
    }

    private void Drain()
    {
        bool more = true;
        while (more)
        {
            more = false;
            while (_core.TryGetTransmit(_buffer, out TurnServerTransmit transmit))
                _socket.Send(transmit.Path.Client, _buffer.AsSpan(0, transmit.Length));
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
