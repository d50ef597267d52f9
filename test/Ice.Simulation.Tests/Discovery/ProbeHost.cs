using Stun;

namespace Ice.Simulation.Tests.Discovery;

/// <summary>Drives a <see cref="NatBehaviorProbe"/> with the sockets of a simulated host.</summary>
internal sealed class ProbeHost
{
    private readonly Dictionary<NatSocketId, SimSocket> _sockets = [];
    private readonly SimHost _host;
    private readonly TransportAddress _address;
    private readonly byte[] _buffer = new byte[2000];
    private Instant _armed = Instant.Never;

    public ProbeHost(SimHost host, TransportAddress address, NatProbeOptions options)
    {
        _host = host;
        _address = address.WithPort(0);
        Started = host.Network.Now;
        Probe = new NatBehaviorProbe(options, new SimEntropy(host.Network.Random.Fork()), host.Network.Now);
        Drain();
    }

    public NatBehaviorProbe Probe { get; }

    public Instant Started { get; }

    public NatBehavior? Result { get; private set; }

    public List<NatProbeEvent> Events { get; } = [];

    /// <summary>When a request was first sent or sent again, with its bytes.</summary>
    public List<(Instant At, NatProbeTransmit Transmit, byte[] Bytes)> Sent { get; } = [];

    public IReadOnlyDictionary<NatSocketId, SimSocket> Sockets => _sockets;

    /// <summary>The most sockets open at a time.</summary>
    public int MostSockets { get; private set; }

    public NatProbeDrop Inject(NatSocketId socket, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        NatProbeDrop drop = Probe.HandleDatagram(socket, source, datagram, _host.Network.Now);
        Drain();
        return drop;
    }

    private void Drain()
    {
        bool more = true;
        while (more)
        {
            more = false;
            while (Probe.TryGetEvent(out NatProbeEvent? value))
                more |= Apply(value);
            while (Probe.TryGetTransmit(_buffer, out NatProbeTransmit transmit))
            {
                Sent.Add((_host.Network.Now, transmit, _buffer.AsSpan(0, transmit.Length).ToArray()));
                _sockets[transmit.Socket].Send(transmit.Destination, _buffer.AsSpan(0, transmit.Length));
            }
        }

        Arm();
    }

    private bool Apply(NatProbeEvent value)
    {
        Events.Add(value);
        switch (value)
        {
            case NatProbeEvent.OpenSocket open:
                // From the range that RFC 5780 §4.1 recommends, and not one after the other.
                SimSocket socket = _host.Bind(_address.WithPort(_host.Network.Random.Next(32_768, 65_536)));
                socket.OnReceive((_, remote, datagram) => Inject(open.Socket, remote, datagram));
                _sockets.Add(open.Socket, socket);
                MostSockets = Math.Max(MostSockets, _sockets.Count);
                Probe.HandleSocketOpened(open.Socket, socket.LocalAddress, _host.Network.Now);
                return true;
            case NatProbeEvent.CloseSocket close:
                if (_sockets.Remove(close.Socket, out SimSocket? closed))
                    closed.Close();
                return false;
            case NatProbeEvent.Completed completed:
                Assert.That(Result, Is.Null, "completed twice");
                Result = completed.Behavior;
                return false;
            default:
                return false;
        }
    }

    private void Arm()
    {
        Instant due = Probe.NextTimeout;
        if (due.IsNever || due == _armed)
            return;
        _armed = due;
        _host.Network.Schedule(Instant.Max(due, _host.Network.Now), () =>
        {
            if (_armed == due)
                _armed = Instant.Never;
            Probe.HandleTimeout(_host.Network.Now);
            Drain();
        });
    }
}
