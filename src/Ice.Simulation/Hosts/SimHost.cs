using Stun;

namespace Ice.Simulation;

/// <summary>A host: interfaces with addresses, UDP sockets bound to them, and TCP connections.</summary>
public sealed class SimHost : SimNode
{
    private const int FirstEphemeralPort = 49152;

    private readonly Dictionary<TransportAddress, SimSocket> _sockets = [];
    private readonly Dictionary<(TransportAddress Local, TransportAddress Remote), SimStream> _streams = [];
    private readonly Dictionary<TransportAddress, Action<SimStream>> _listeners = [];
    private readonly List<SimInterface> _interfaces = [];
    private int _nextPort = FirstEphemeralPort;

    /// <summary>Creates a host without interfaces.</summary>
    public SimHost(SimNetwork network, string name)
        : base(network, name)
    {
    }

    /// <summary>The interfaces.</summary>
    public IReadOnlyList<SimInterface> Interfaces => _interfaces;

    /// <summary>Adds an interface.</summary>
    /// <param name="name">Its name, such as "eth0".</param>
    /// <param name="realm">The realm that it joins.</param>
    /// <param name="link">Its link; null for a perfect one.</param>
    /// <param name="addresses">Its IP addresses, as text.</param>
    public SimInterface AddInterface(string name, Realm realm, Link? link, params ReadOnlySpan<string> addresses)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(realm);
        var parsed = new TransportAddress[addresses.Length];
        for (int i = 0; i < parsed.Length; i++)
            parsed[i] = TransportAddress.Parse(addresses[i], 0);
        var added = new SimInterface(this, name, realm, link ?? new Link(Network), parsed);
        _interfaces.Add(added);
        return added;
    }

    /// <summary>Opens a socket.</summary>
    /// <param name="address">An address of one of the interfaces; port 0 takes a free port.</param>
    /// <exception cref="ArgumentException">No interface has the address, or another socket has it.</exception>
    public SimSocket Bind(TransportAddress address)
    {
        SimInterface owner = FindInterface(address);
        if (address.Port == 0)
        {
            do
                address = address.WithPort(NextPort());
            while (_sockets.ContainsKey(address));
        }

        var socket = new SimSocket(owner, address);
        if (!_sockets.TryAdd(address, socket))
            throw new ArgumentException($"{Name} already has a socket at {address}: bind port 0 for a free one.", nameof(address));
        return socket;
    }

    /// <summary>Opens a TCP connection: set its handlers at once, before the time goes on.</summary>
    /// <param name="local">An address of one of the interfaces; port 0 takes a free port.</param>
    /// <param name="remote">Where to.</param>
    /// <exception cref="ArgumentException">No interface has the address, or there is such a connection.</exception>
    public SimStream Connect(TransportAddress local, TransportAddress remote)
    {
        SimInterface owner = FindInterface(local);
        while (local.Port == 0 || _streams.ContainsKey((local, remote)))
            local = local.WithPort(NextPort());
        var stream = new SimStream(this, owner, local, remote);
        _streams.Add((local, remote), stream);
        stream.Connect();
        return stream;
    }

    /// <summary>Accepts TCP connections.</summary>
    /// <param name="address">An address of one of the interfaces, with a port.</param>
    /// <param name="accept">Called with each connection before its first byte.</param>
    /// <exception cref="ArgumentException">No interface has the address, or it is listened on already.</exception>
    public void Listen(TransportAddress address, Action<SimStream> accept)
    {
        ArgumentNullException.ThrowIfNull(accept);
        _ = FindInterface(address);
        if (!_listeners.TryAdd(address, accept))
            throw new ArgumentException($"{Name} listens at {address} already.", nameof(address));
    }

    internal void Unbind(SimSocket socket) => _sockets.Remove(socket.LocalAddress);

    internal void Remove(SimStream stream) => _streams.Remove((stream.LocalAddress, stream.RemoteAddress));

    internal void Send(SimInterface from, SimPacket packet)
    {
        if (!_interfaces.Exists(nic => nic.Addresses.Any(packet.Destination.SameAddress)))
        {
            from.Attachment.Send(packet);
            return;
        }

        // A host reaches its own addresses without a network, but not within the call that sends.
        Network.Schedule(Network.Now, () => Receive(packet, from.Attachment));
    }

    internal override void Receive(in SimPacket packet, Attachment via)
    {
        if (packet.Protocol == SimProtocol.Tcp)
            ReceiveSegment(packet, via);
        else if (_sockets.TryGetValue(packet.Destination, out SimSocket? socket))
            socket.Arrived(packet);
        else
            via.Drop(packet, PacketDropCause.NoSocket);
    }

    private void ReceiveSegment(in SimPacket packet, Attachment via)
    {
        if (_streams.TryGetValue((packet.Destination, packet.Source), out SimStream? stream))
        {
            stream.Arrived(packet);
        }
        else if (packet.OpensConnection && _listeners.TryGetValue(packet.Destination, out Action<SimStream>? accept))
        {
            stream = new SimStream(this, FindInterface(packet.Destination), packet.Destination, packet.Source);
            _streams.Add((packet.Destination, packet.Source), stream);
            accept(stream);
            stream.Arrived(packet);
        }
        else
        {
            via.Drop(packet, PacketDropCause.NoSocket);
            if (!packet.Tcp.Flags.HasFlag(TcpFlags.Reset))
            {
                var header = new TcpHeader(TcpFlags.Reset | TcpFlags.Acknowledge, packet.Tcp.Acknowledgment, packet.Tcp.Sequence + (uint)packet.Payload.Length + 1);
                Send(FindInterface(packet.Destination), new SimPacket(packet.Destination, packet.Source, default) { Protocol = SimProtocol.Tcp, Tcp = header });
            }
        }
    }

    private SimInterface FindInterface(TransportAddress address) =>
        _interfaces.Find(nic => nic.Addresses.Any(address.SameAddress))
        ?? throw new ArgumentException($"No interface of {Name} has {address}: add one that has.", nameof(address));

    private int NextPort()
    {
        int port = _nextPort;
        _nextPort = _nextPort == ushort.MaxValue ? FirstEphemeralPort : _nextPort + 1;
        return port;
    }
}
