using Stun;

namespace Ice.Simulation;

/// <summary>
/// A network address and port translator for UDP and TCP, as RFC 4787 and RFC 5382 describe them: any of the nine combinations of mapping and
/// filtering, with expiry, hairpinning and pools of external addresses. Put one inside of another and they nest.
/// </summary>
/// <remarks>
/// Each mapping has its own external port, and its own permissions: a packet in passes when the remote was sent to through this very mapping.
/// TCP connections are translated and filtered in the same way as UDP.
/// </remarks>
public sealed class Nat : Gateway
{
    private readonly NatTable _udp;
    private readonly NatTable _tcp;
    private readonly Dictionary<TransportAddress, TransportAddress> _pairs = [];
    private readonly TransportAddress[] _pool;
    private readonly SimRandom _random;
    private readonly Func<TransportAddress, TransportAddress> _chooseAddress;

    /// <summary>Creates a NAT and makes it the inner realm's gateway for the family of its external addresses.</summary>
    /// <param name="network">The network.</param>
    /// <param name="name">A name for captures and messages.</param>
    /// <param name="inside">The realm whose addresses it translates.</param>
    /// <param name="outside">The realm that has the external addresses.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="uplink">The link between the NAT and the outer realm; null for a perfect one.</param>
    /// <param name="externalAddresses">One or more addresses of one family.</param>
    public Nat(
        SimNetwork network,
        string name,
        Realm inside,
        Realm outside,
        NatOptions options,
        Link? uplink,
        params ReadOnlySpan<TransportAddress> externalAddresses)
        : base(network, name, inside, outside, uplink ?? new Link(network), externalAddresses)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(inside);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (externalAddresses.IsEmpty)
            throw new ArgumentException($"{name} needs an external address to translate to.", nameof(externalAddresses));
        Options = options;
        _random = network.Random.Fork();
        _udp = new NatTable(options, _random);
        _tcp = new NatTable(options, _random);
        _chooseAddress = ChooseAddress;
        _pool = [.. externalAddresses];
        foreach (TransportAddress address in _pool)
            if (!address.SameFamily(_pool[0]))
                throw new ArgumentException($"{name} translates one address family: all external addresses must be of it.", nameof(externalAddresses));
        inside.SetGateway(this, _pool[0].IsIPv6);
    }

    /// <summary>How it behaves.</summary>
    public NatOptions Options { get; }

    /// <summary>The external addresses, with port 0.</summary>
    public IReadOnlyList<TransportAddress> Pool => _pool;

    /// <summary>How many mappings are in force.</summary>
    public int MappingCount => _udp.CountAt(Network.Now) + _tcp.CountAt(Network.Now);

    /// <inheritdoc/>
    public override NatMapping Mapping => Options.Mapping;

    /// <inheritdoc/>
    public override NatFiltering Filtering => Options.Filtering;

    /// <inheritdoc/>
    public override bool Translates => true;

    /// <summary>Whether some internal address is mapped to an external one for UDP.</summary>
    public bool IsMapped(TransportAddress external) => _udp.Find(external, Network.Now) is not null;

    /// <summary>Forgets every mapping, as a router does that is switched off and on.</summary>
    public void Reboot()
    {
        _udp.Clear();
        _tcp.Clear();
    }

    internal override void OnInsideAddress(TransportAddress address)
    {
        // A translator hides the addresses behind it: the outer realm learns none.
    }

    private protected override void Outbound(in SimPacket packet)
    {
        NatEntry? entry = Table(packet).GetOrCreate(packet.Source, packet.Destination, _chooseAddress, Network.Now);
        if (entry is null)
        {
            Inside.Drop(packet, PacketDropCause.PortsExhausted);
            return;
        }

        entry.Until = Network.Now + Lifetime(packet);
        entry.Permissions.Grant(packet.Destination, entry.Until);
        SimPacket translated = packet with { Source = entry.External };
        if (!IsExternal(packet.Destination))
            Outside.Send(translated);
        else if (Options.Hairpin == NatHairpin.None)
            Inside.Drop(translated, PacketDropCause.NoRoute);
        else
            // RFC 4787 §6: "A NAT Hairpinning behavior MUST be "External source IP address and port"."
            // One that shows the internal source decides by the external one who may come in, too.
            PassIn(translated, Options.Hairpin == NatHairpin.InternalSource ? packet.Source : entry.External);
    }

    private protected override void Inbound(in SimPacket packet) => PassIn(packet, packet.Source);

    private void PassIn(in SimPacket packet, TransportAddress shownSource)
    {
        Instant now = Network.Now;
        if (Table(packet).Find(packet.Destination, now) is not { } entry)
        {
            Outside.Drop(packet, PacketDropCause.NoMapping);
            return;
        }

        if (!entry.Permissions.Allows(Options.Filtering, packet.Source, now))
        {
            Outside.Drop(packet, PacketDropCause.Filtered);
            return;
        }

        if (Options.InboundRefresh)
        {
            entry.Until = now + Lifetime(packet);
            entry.Permissions.Refresh(packet.Source, now, entry.Until);
        }

        Inside.Send(packet with { Source = shownSource, Destination = entry.Key.Internal });
    }

    private NatTable Table(in SimPacket packet) => packet.Protocol == SimProtocol.Udp ? _udp : _tcp;

    private TimeSpan Lifetime(in SimPacket packet) => packet.Protocol == SimProtocol.Udp ? Options.Lifetime : Options.TcpLifetime;

    private bool IsExternal(TransportAddress destination) => Array.Exists(_pool, destination.SameAddress);

    private TransportAddress ChooseAddress(TransportAddress internalAddress)
    {
        if (_pool.Length == 1)
            return _pool[0];
        if (!Options.PairedPooling)
            return _random.Pick<TransportAddress>(_pool);
        if (!_pairs.TryGetValue(internalAddress, out TransportAddress paired))
            _pairs.Add(internalAddress, paired = _random.Pick<TransportAddress>(_pool));
        return paired;
    }
}
