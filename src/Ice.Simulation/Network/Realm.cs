using Stun;

namespace Ice.Simulation;

/// <summary>An address space within which packets find their destination: the Internet, or a network behind a gateway.</summary>
public sealed class Realm
{
    private readonly Dictionary<TransportAddress, Attachment> _routes = [];
    private Gateway? _ipv4Gateway;
    private Gateway? _ipv6Gateway;

    /// <summary>Creates a realm without nodes.</summary>
    /// <param name="network">The network.</param>
    /// <param name="name">A name for messages.</param>
    public Realm(SimNetwork network, string name)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentException.ThrowIfNullOrEmpty(name);
        Network = network;
        Name = name;
    }

    /// <summary>The network.</summary>
    public SimNetwork Network { get; }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The way out for addresses that the realm does not have, or null.</summary>
    /// <param name="ipv6">For IPv6, or for IPv4.</param>
    public Gateway? GetGateway(bool ipv6) => ipv6 ? _ipv6Gateway : _ipv4Gateway;

    internal Attachment? Find(TransportAddress address) => _routes.GetValueOrDefault(address.WithPort(0));

    internal void SetGateway(Gateway gateway, bool ipv6)
    {
        if (GetGateway(ipv6) is { } other)
            throw new InvalidOperationException($"{Name} already has {other.Name} as its gateway: a realm has one for each address family.");
        if (ipv6)
            _ipv6Gateway = gateway;
        else
            _ipv4Gateway = gateway;
        foreach (TransportAddress address in _routes.Keys)
            if (address.IsIPv6 == ipv6)
                gateway.OnInsideAddress(address);
    }

    internal Attachment Attach(SimNode node, string name, Link link, ReadOnlySpan<TransportAddress> addresses)
    {
        var attachment = new Attachment(node, this, name, link);
        foreach (TransportAddress address in addresses)
            AddRoute(address, attachment);
        return attachment;
    }

    internal void AddRoute(TransportAddress address, Attachment attachment)
    {
        TransportAddress key = address.WithPort(0);
        if (!_routes.TryAdd(key, attachment))
            throw new ArgumentException($"{Name} already has {key.ToIPAddress()}, at {_routes[key].Name}: give each attachment its own address.", nameof(address));
        GetGateway(address.IsIPv6)?.OnInsideAddress(key);
    }

    internal void Route(in SimPacket packet, Attachment from)
    {
        TransportAddress destination = packet.Destination;
        if (_routes.TryGetValue(destination.WithPort(0), out Attachment? to) && to != from)
            to.Deliver(packet);
        else if (GetGateway(destination.IsIPv6) is { } gateway && gateway.Inside != from)
            gateway.Inside.Deliver(packet);
        else
            from.Drop(packet, PacketDropCause.NoRoute);
    }
}
