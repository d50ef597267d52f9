using Stun;

namespace Ice.Simulation;

/// <summary>A stateful firewall without translation, as for IPv6 homes (RFC 6092): what was sent to may answer.</summary>
/// <remarks>The outer realm routes the addresses of the inner one to it.</remarks>
public sealed class Firewall : Gateway
{
    private readonly Dictionary<(SimProtocol, TransportAddress), Permissions> _permissions = [];
    private readonly TimeSpan _lifetime;

    /// <summary>Creates a firewall and makes it the inner realm's gateway for a family.</summary>
    /// <param name="network">The network.</param>
    /// <param name="name">A name for captures and messages.</param>
    /// <param name="inside">The realm that it protects.</param>
    /// <param name="outside">The realm beyond.</param>
    /// <param name="ipv6">For IPv6, or for IPv4.</param>
    /// <param name="filtering">Who may send in.</param>
    /// <param name="lifetime">How long a permission lasts after the last packet out.</param>
    /// <param name="uplink">The link between the firewall and the outer realm; null for a perfect one.</param>
    public Firewall(SimNetwork network, string name, Realm inside, Realm outside, bool ipv6, NatFiltering filtering, TimeSpan lifetime, Link? uplink = null)
        : base(network, name, inside, outside, uplink ?? new Link(network), [])
    {
        ArgumentNullException.ThrowIfNull(inside);
        Filtering = filtering;
        _lifetime = lifetime;
        inside.SetGateway(this, ipv6);
    }

    /// <inheritdoc/>
    public override NatMapping Mapping => NatMapping.EndpointIndependent;

    /// <inheritdoc/>
    public override NatFiltering Filtering { get; }

    /// <inheritdoc/>
    public override bool Translates => false;

    /// <summary>Whether nothing passes, in or out; may be changed while the network runs.</summary>
    public bool IsBlocking { get; set; }

    /// <summary>Whether no UDP passes, in or out; may be changed while the network runs.</summary>
    public bool BlocksUdp { get; set; }

    /// <summary>The ports to which TCP connections may go out; null for all. What is connected may answer.</summary>
    public IReadOnlySet<int>? TcpPorts { get; set; }

    /// <summary>Forgets whom was sent to, as a firewall does that is switched off and on.</summary>
    public void Reboot() => _permissions.Clear();

    /// <inheritdoc/>
    public override bool LetsOut(SimProtocol protocol, int port) =>
        !IsBlocking && (protocol == SimProtocol.Udp ? !BlocksUdp : TcpPorts is null || TcpPorts.Contains(port));

    internal override void OnInsideAddress(TransportAddress address) => Outside.Realm.AddRoute(address, Outside);

    private protected override void Outbound(in SimPacket packet)
    {
        if (!LetsOut(packet.Protocol, packet.Destination.Port))
        {
            Inside.Drop(packet, PacketDropCause.Blocked);
            return;
        }

        if (!_permissions.TryGetValue((packet.Protocol, packet.Source), out Permissions? permissions))
            _permissions.Add((packet.Protocol, packet.Source), permissions = new Permissions());
        permissions.Grant(packet.Destination, Network.Now + _lifetime);
        Outside.Send(packet);
    }

    private protected override void Inbound(in SimPacket packet)
    {
        bool blocked = IsBlocking || (packet.Protocol == SimProtocol.Udp && BlocksUdp);
        bool passes = !blocked
            && (Filtering == NatFiltering.EndpointIndependent
                || (_permissions.TryGetValue((packet.Protocol, packet.Destination), out Permissions? permissions) && permissions.Allows(Filtering, packet.Source, Network.Now)));
        if (passes)
            Inside.Send(packet);
        else
            Outside.Drop(packet, blocked ? PacketDropCause.Blocked : PacketDropCause.Filtered);
    }
}
