using Stun;

namespace Ice.Simulation;

/// <summary>
/// Follows packets through realms and gateways by the rules of RFC 4787, with ports that are names instead of numbers. It shares the topology with
/// the simulated network, and nothing else: no code of <see cref="Nat"/> or <see cref="Firewall"/> decides here.
/// </summary>
/// <param name="isForeknown">Whether the mappings of a NAT are known beforehand, as if they did not depend on the destination.</param>
/// <param name="luckyPools">Whether a pool without pairing happens to choose the same address again; otherwise it never does.</param>
/// <remarks>Nothing expires: mappings and permissions only grow, so that the order of packets does not matter in the end.</remarks>
internal sealed class OracleRouter(Func<Nat, bool> isForeknown, bool luckyPools)
{
    private const int MaxHops = 16;

    private readonly Dictionary<(Nat, Spot, Spot?), Spot> _mappings = [];
    private readonly Dictionary<(Nat, TransportAddress), Spot> _internals = [];
    private readonly Dictionary<(Nat, Spot), Spot> _insideOf = [];
    private readonly HashSet<(Gateway, Spot, Spot)> _permissions = [];
    private readonly HashSet<(Gateway, Spot, int)> _addressPermissions = [];
    private readonly Dictionary<(Realm, TransportAddress), int> _addresses = [];
    private int _names;

    /// <summary>How many facts there are: when a round adds none, no round will.</summary>
    public int Facts => _mappings.Count + _permissions.Count;

    public Spot NewSpot(Realm realm, TransportAddress ip)
    {
        if (!_addresses.TryGetValue((realm, ip), out int address))
            _addresses.Add((realm, ip), address = ++_names);
        return new Spot(ip, address, ++_names);
    }

    /// <summary>Sends a packet.</summary>
    /// <param name="from">Where it starts.</param>
    /// <param name="source">Its source there.</param>
    /// <param name="destination">Its destination.</param>
    /// <returns>Where it arrives, with the source and destination that it has there; null when it does not.</returns>
    public (Attachment At, Spot Source, Spot Destination)? Send(Attachment from, Spot source, Spot destination)
    {
        if (IsCut(from))
            return null;
        Realm realm = from.Realm;
        Attachment previous = from;
        for (int hop = 0; hop < MaxHops; hop++)
        {
            Attachment? owner = realm.Find(destination.Ip);
            // A host reaches itself: two relays of one server.
            if (owner == from && hop == 0 && from.Node is SimHost)
                return (owner, source, destination);
            if (owner is not null && owner != previous)
            {
                if (owner.Node is not Gateway inward)
                    return IsCut(owner) ? null : (owner, source, destination);
                if (IsCut(owner) || Enter(inward, source, destination) is not { } inside)
                    return null;
                (destination, realm, previous) = (inside, inward.Inside.Realm, inward.Inside);
                continue;
            }

            if (realm.GetGateway(destination.Ip.IsIPv6) is not { } outward || outward.Inside == previous || !outward.LetsOut(SimProtocol.Udp, ushort.MaxValue))
                return null;
            Spot shown = Leave(outward, source, destination);
            if (outward is not Nat nat || !nat.Pool.Any(destination.Ip.SameAddress))
            {
                if (IsCut(outward.Outside))
                    return null;
                (source, realm, previous) = (shown, outward.Outside.Realm, outward.Outside);
                continue;
            }

            // To an external address of the NAT itself, from inside (RFC 4787 §6).
            if (nat.Options.Hairpin == NatHairpin.None || Enter(nat, shown, destination) is not { } around)
                return null;
            source = nat.Options.Hairpin == NatHairpin.InternalSource ? source : shown;
            (destination, previous) = (around, nat.Inside);
        }

        return null;
    }

    /// <summary>Whether a TCP connection to a server can be made.</summary>
    public static bool CanConnect(Attachment from, TransportAddress server)
    {
        Realm realm = from.Realm;
        for (Attachment at = from; !IsCut(at);)
        {
            if (realm.Find(server) is { } owner)
                return owner.Node is SimHost && !IsCut(owner);
            if (realm.GetGateway(server.IsIPv6) is not { } gateway || !gateway.LetsOut(SimProtocol.Tcp, server.Port))
                return false;
            at = gateway.Outside;
            realm = at.Realm;
        }

        return false;
    }

    /// <summary>What a packet out looks like outside; the gateway remembers it.</summary>
    private Spot Leave(Gateway gateway, Spot source, Spot destination)
    {
        Spot shown = gateway is Nat nat ? Map(nat, source, destination) : source;
        _ = _permissions.Add((gateway, shown, destination));
        _ = _addressPermissions.Add((gateway, shown, destination.Address));
        return shown;
    }

    /// <summary>The destination inside of a packet in; null when it is refused.</summary>
    private Spot? Enter(Gateway gateway, Spot source, Spot destination)
    {
        Spot inside = destination;
        if (gateway is Nat nat)
        {
            if (!_insideOf.TryGetValue((nat, destination), out inside))
                return null;
        }
        else if (!gateway.LetsOut(SimProtocol.Udp, ushort.MaxValue))
        {
            return null;
        }

        bool passes = gateway.Filtering switch
        {
            NatFiltering.EndpointIndependent => true,
            NatFiltering.AddressDependent => _addressPermissions.Contains((gateway, destination, source.Address)),
            _ => _permissions.Contains((gateway, destination, source)),
        };
        return passes ? inside : null;
    }

    private Spot Map(Nat nat, Spot source, Spot destination)
    {
        NatMapping mapping = isForeknown(nat) ? NatMapping.EndpointIndependent : nat.Mapping;
        Spot? looksAt = mapping switch
        {
            NatMapping.EndpointIndependent => null,
            NatMapping.AddressDependent => destination with { Port = 0 },
            _ => destination,
        };
        if (_mappings.TryGetValue((nat, source, looksAt), out Spot external))
            return external;
        external = NewExternal(nat, source.Ip);
        _mappings.Add((nat, source, looksAt), external);
        _insideOf.Add((nat, external), source);
        return external;
    }

    private Spot NewExternal(Nat nat, TransportAddress internalAddress)
    {
        bool arbitrary = nat.Pool.Count > 1 && !nat.Options.PairedPooling && !luckyPools;
        // Which address of the pool it is, chance decides; that it is always the same, or may never be, is what counts.
        if (arbitrary)
            return new Spot(nat.Pool[0], ++_names, ++_names);
        if (nat.Pool.Count == 1)
            return NewSpot(nat.Outside.Realm, nat.Pool[0]);
        if (!_internals.TryGetValue((nat, internalAddress), out Spot paired))
            _internals.Add((nat, internalAddress), paired = new Spot(nat.Pool[0], ++_names, 0));
        return paired with { Port = ++_names };
    }

    private static bool IsCut(Attachment attachment) => attachment.Link.Up.IsCut || attachment.Link.Down.IsCut;
}
