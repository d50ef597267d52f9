using Stun;

namespace Ice.Simulation;

/// <summary>A host: interfaces with addresses, and sockets bound to them.</summary>
public sealed class SimHost : SimNode
{
    private const int FirstEphemeralPort = 49152;

    private readonly Dictionary<TransportAddress, SimSocket> _sockets = [];
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
        SimInterface owner = _interfaces.Find(nic => nic.Addresses.Any(address.SameAddress))
            ?? throw new ArgumentException($"No interface of {Name} has {address}: add one that has.", nameof(address));
        if (address.Port == 0)
        {
            do
            {
                address = address.WithPort(_nextPort);
                _nextPort = _nextPort == ushort.MaxValue ? FirstEphemeralPort : _nextPort + 1;
            }
            while (_sockets.ContainsKey(address));
        }

        var socket = new SimSocket(owner, address);
        if (!_sockets.TryAdd(address, socket))
            throw new ArgumentException($"{Name} already has a socket at {address}: bind port 0 for a free one.", nameof(address));
        return socket;
    }

    internal void Unbind(SimSocket socket) => _sockets.Remove(socket.LocalAddress);

    internal void Send(SimSocket socket, SimPacket packet)
    {
        Attachment attachment = socket.Interface.Attachment;
        if (!_interfaces.Exists(nic => nic.Addresses.Any(packet.Destination.SameAddress)))
        {
            attachment.Send(packet);
            return;
        }

        // A host reaches its own addresses without a network, but not within the call that sends.
        Network.Schedule(Network.Now, () => Receive(packet, attachment));
    }

    internal override void Receive(in SimPacket packet, Attachment via)
    {
        if (_sockets.TryGetValue(packet.Destination, out SimSocket? socket))
            socket.Arrived(packet);
        else
            via.Drop(packet, PacketDropCause.NoSocket);
    }
}
