using Ice.Core;
using Stun;

namespace Ice.Simulation;

/// <summary>Lets two agents check every pair again and again until nothing new comes of it: what ICE finds at the latest, whatever its order.</summary>
internal sealed class OracleNetwork
{
    private const int MaxRounds = 4;

    private readonly OracleRouter _router;
    private readonly Dictionary<(Attachment, Spot), OracleBase> _bases = [];
    private readonly Dictionary<TransportAddress, Spot> _servers = [];
    private readonly OracleSide _left;
    private readonly OracleSide _right;

    public OracleNetwork(SimAgent left, SimAgent right, IReadOnlyCollection<TransportAddress> servers, Func<Nat, bool> isForeknown, bool luckyPools)
    {
        _router = new OracleRouter(isForeknown, luckyPools);
        _left = new OracleSide(left);
        _right = new OracleSide(right);
        foreach (OracleSide side in new[] { _left, _right })
            Gather(side, servers);
    }

    public OracleSide Left => _left;

    public OracleSide Right => _right;

    /// <summary>Checks until a direct path is found or nothing new can be.</summary>
    /// <returns>The first direct path, else the first relayed one, else null.</returns>
    public OracleFinding? Find()
    {
        OracleFinding? relayed = null;
        for (int round = 1; round <= MaxRounds; round++)
        {
            int before = _router.Facts;
            foreach ((OracleSide side, OracleSide other) in new[] { (_left, _right), (_right, _left) })
            {
                OracleFinding? found = Check(side, other, round);
                if (found is { IsDirect: true })
                    return found;
                relayed ??= found;
            }

            if (_router.Facts == before && round > 1)
                break;
        }

        return relayed;
    }

    private OracleFinding? Check(OracleSide side, OracleSide other, int round)
    {
        OracleFinding? first = null;
        if (!side.Checks)
            return null;
        foreach (OracleBase from in side.Bases)
        {
            foreach (Spot remote in other.Candidates.Concat(from.Triggered).ToArray())
            {
                if (!remote.Ip.SameFamily(from.Ip) || Deliver(from, remote) is not { } arrived || arrived.At.Side != other)
                    continue;
                _ = arrived.At.Triggered.Add(arrived.Source);
                // The answer has to come from where the check went, and to arrive where it came from (RFC 8445 §7.2.5.2.1).
                bool answered = Deliver(arrived.At, arrived.Source) is { } back && back.At == from && back.Source == remote;
                if (!answered)
                    continue;
                var finding = new OracleFinding(from, arrived.At, round);
                if (finding.IsDirect)
                    return finding;
                first ??= finding;
            }
        }

        return first;
    }

    private (OracleBase At, Spot Source)? Deliver(OracleBase from, Spot destination)
    {
        if (from.IsRelay)
            _ = from.Permissions.Add(destination.Address);
        if (_router.Send(from.Attachment, from.Spot, destination) is not { } arrived || !_bases.TryGetValue((arrived.At, arrived.Destination), out OracleBase? at))
            return null;
        // A relay passes on what comes from addresses that it has permissions for (RFC 8656 §9).
        return at.IsRelay && !at.Permissions.Contains(arrived.Source.Address) ? null : (at, arrived.Source);
    }

    private void Gather(OracleSide side, IReadOnlyCollection<TransportAddress> servers)
    {
        foreach (SimInterface nic in side.Agent.Interfaces)
        {
            foreach (TransportAddress address in nic.Addresses)
            {
                OracleBase host = AddBase(side, address, nic.Attachment, isRelay: false);
                if (!side.Checks)
                    continue;
                foreach (TransportAddress server in side.Agent.Options.Servers.Concat(side.Agent.Options.Relays.Where(static r => r.Transport == RelayTransport.Udp).Select(static r => r.Server)))
                    if (servers.Contains(server) && Ask(host, server) is { } answer)
                        _ = side.Candidates.Add(answer.Mapped);
                foreach (SimRelay relay in side.Agent.Options.Relays)
                    if (servers.Contains(relay.Server) && relay.Server.SameFamily(address))
                        AddRelays(side, host, relay);
            }
        }
    }

    private void AddRelays(OracleSide side, OracleBase host, SimRelay relay)
    {
        Attachment? server = relay.Transport == RelayTransport.Udp
            ? Ask(host, relay.Server)?.Server
            : OracleRouter.CanConnect(host.Attachment, relay.Server) ? FindOutside(host.Attachment, relay.Server) : null;
        if (server?.Node is not SimHost serverHost)
            return;
        foreach (SimInterface nic in serverHost.Interfaces)
            foreach (TransportAddress address in nic.Addresses)
                _ = AddBase(side, address, nic.Attachment, isRelay: true);
    }

    private OracleBase AddBase(OracleSide side, TransportAddress address, Attachment attachment, bool isRelay)
    {
        Spot spot = _router.NewSpot(attachment.Realm, address);
        var added = new OracleBase(side, spot, attachment, isRelay);
        _bases.Add((attachment, spot), added);
        side.Bases.Add(added);
        _ = side.Candidates.Add(spot);
        return added;
    }

    private (Spot Mapped, Attachment Server)? Ask(OracleBase from, TransportAddress server)
    {
        if (!server.SameFamily(from.Ip) || FindOutside(from.Attachment, server) is not { } at)
            return null;
        if (!_servers.TryGetValue(server, out Spot spot))
            _servers.Add(server, spot = _router.NewSpot(at.Realm, server.WithPort(0)));
        return _router.Send(from.Attachment, from.Spot, spot) is { } arrived && arrived.At == at ? (arrived.Source, at) : null;
    }

    private static Attachment? FindOutside(Attachment from, TransportAddress address)
    {
        Realm realm = from.Realm;
        while (true)
        {
            if (realm.Find(address) is { } found)
                return found;
            if (realm.GetGateway(address.IsIPv6) is not { } gateway)
                return null;
            realm = gateway.Outside.Realm;
        }
    }
}
