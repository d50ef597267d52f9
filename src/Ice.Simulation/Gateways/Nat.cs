using Stun;

namespace Ice.Simulation;

/// <summary>
/// A network address and port translator for UDP, as RFC 4787 describes them: any of the nine combinations of mapping and filtering,
/// with expiry, hairpinning and pools of external addresses. Put one inside of another and they nest.
/// </summary>
/// <remarks>
/// Each mapping has its own external port, and its own permissions: a packet in passes when the remote was sent to through this very mapping.
/// </remarks>
public sealed class Nat : Gateway
{
    private readonly Dictionary<NatKey, NatEntry> _byKey = [];
    private readonly Dictionary<TransportAddress, NatEntry> _byExternal = [];
    private readonly Dictionary<TransportAddress, TransportAddress> _pairs = [];
    private readonly TransportAddress[] _pool;
    private readonly SimRandom _random;
    private int _nextPort;

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
        if (externalAddresses.IsEmpty)
            throw new ArgumentException($"{name} needs an external address to translate to.", nameof(externalAddresses));
        Options = options;
        _random = network.Random.Fork();
        _nextPort = options.FirstPort;
        _pool = [.. externalAddresses];
        foreach (TransportAddress address in _pool)
            if (!address.SameFamily(_pool[0]))
                throw new ArgumentException($"{name} translates one address family: all external addresses must be of it.", nameof(externalAddresses));
        inside.SetGateway(this, _pool[0].IsIPv6);
    }

    /// <summary>How it behaves.</summary>
    public NatOptions Options { get; }

    /// <summary>How many mappings are in force.</summary>
    public int MappingCount => _byKey.Values.Count(entry => Network.Now < entry.Until);

    /// <inheritdoc/>
    public override NatMapping Mapping => Options.Mapping;

    /// <inheritdoc/>
    public override NatFiltering Filtering => Options.Filtering;

    /// <inheritdoc/>
    public override bool Translates => true;

    /// <summary>Forgets every mapping, as a router does that is switched off and on.</summary>
    public void Reboot()
    {
        _byKey.Clear();
        _byExternal.Clear();
    }

    internal override void OnInsideAddress(TransportAddress address)
    {
        // A translator hides the addresses behind it: the outer realm learns none.
    }

    private protected override void Outbound(in SimPacket packet)
    {
        NatEntry? entry = GetOrCreate(packet.Source, packet.Destination);
        if (entry is null)
        {
            Inside.Drop(packet, PacketDropCause.PortsExhausted);
            return;
        }

        entry.Until = Network.Now + Options.Lifetime;
        entry.Permissions.Grant(packet.Destination, entry.Until);
        SimPacket translated = packet with { Source = entry.External };
        if (!IsExternal(packet.Destination))
            Outside.Send(translated);
        else if (Options.Hairpin)
            // RFC 4787 §6: "A NAT Hairpinning behavior MUST be "External source IP address and port"."
            Inbound(translated);
        else
            Inside.Drop(translated, PacketDropCause.NoRoute);
    }

    private protected override void Inbound(in SimPacket packet)
    {
        Instant now = Network.Now;
        if (!_byExternal.TryGetValue(packet.Destination, out NatEntry? entry) || now >= entry.Until)
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
            entry.Until = now + Options.Lifetime;
            entry.Permissions.Refresh(packet.Source, now, entry.Until);
        }

        Inside.Send(packet with { Destination = entry.Key.Internal });
    }

    private bool IsExternal(TransportAddress destination) => Array.Exists(_pool, destination.SameAddress);

    private NatEntry? GetOrCreate(TransportAddress source, TransportAddress destination)
    {
        NatKey key = NatKey.For(Options.Mapping, source, destination);
        if (_byKey.TryGetValue(key, out NatEntry? entry))
        {
            if (Network.Now < entry.Until)
                return entry;
            _ = _byKey.Remove(key);
            _ = _byExternal.Remove(entry.External);
        }

        if (AssignExternal(source) is not { } external)
            return null;
        entry = new NatEntry(key, external);
        _byKey.Add(key, entry);
        _byExternal.Add(external, entry);
        return entry;
    }

    private TransportAddress? AssignExternal(TransportAddress source)
    {
        TransportAddress pooled = ChooseAddress(source.WithPort(0));
        int ports = Options.LastPort - Options.FirstPort + 1;
        int start = Options.PortAssignment switch
        {
            NatPortAssignment.Preserving when IsFree(pooled.WithPort(source.Port)) => source.Port,
            NatPortAssignment.Sequential => _nextPort,
            _ => _random.Next(Options.FirstPort, Options.LastPort + 1),
        };
        // From the port we would like on to the next free one, once around.
        for (int i = 0; i < ports; i++)
        {
            int port = start + i <= Options.LastPort ? start + i : start + i - ports;
            TransportAddress candidate = pooled.WithPort(port);
            if (!IsFree(candidate))
                continue;
            _nextPort = port < Options.LastPort ? port + 1 : Options.FirstPort;
            return candidate;
        }

        return null;
    }

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

    private bool IsFree(TransportAddress external)
    {
        if (external.Port < Options.FirstPort || external.Port > Options.LastPort)
            return false;
        if (!_byExternal.TryGetValue(external, out NatEntry? entry))
            return true;
        if (Network.Now < entry.Until)
            return false;
        _ = _byKey.Remove(entry.Key);
        _ = _byExternal.Remove(external);
        return true;
    }
}
