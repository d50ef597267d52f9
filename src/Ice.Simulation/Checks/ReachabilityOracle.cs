using Stun;

namespace Ice.Simulation;

/// <summary>
/// Says from the topology alone whether two agents can find a direct path: what a run is judged by. It knows nothing of ICE's order of things,
/// only which packets gateways let through.
/// </summary>
/// <remarks>Loss is not considered. Chains of gateways are taken for their strictest mapping and filtering; hairpinning is not considered.</remarks>
public static class ReachabilityOracle
{
    /// <summary>Judges two agents as their network stands.</summary>
    /// <param name="left">One agent.</param>
    /// <param name="right">The other.</param>
    /// <param name="servers">The STUN servers that answer.</param>
    public static Reachability Judge(SimAgent left, SimAgent right, IReadOnlyCollection<TransportAddress> servers)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        ArgumentNullException.ThrowIfNull(servers);
        var reasons = new HashSet<string>(StringComparer.Ordinal);
        foreach (SimInterface mine in left.Interfaces)
        {
            foreach (SimInterface other in right.Interfaces)
            {
                foreach ((TransportAddress a, TransportAddress b) in SameFamily(mine, other))
                {
                    if (WhyNot(left, mine, a, right, other, b, servers) is not { } reason)
                        return new Reachability(true, $"{mine.Attachment.Name} {a.ToIPAddress()} reaches {other.Attachment.Name} {b.ToIPAddress()}");
                    _ = reasons.Add(reason);
                }
            }
        }

        if (reasons.Count == 0)
            _ = reasons.Add("the two have no address family in common");
        return new Reachability(false, string.Join("; ", reasons));
    }

    private static IEnumerable<(TransportAddress Left, TransportAddress Right)> SameFamily(SimInterface left, SimInterface right) =>
        from a in left.Addresses from b in right.Addresses where a.SameFamily(b) select (a, b);

    private static string? WhyNot(
        SimAgent left,
        SimInterface mine,
        TransportAddress a,
        SimAgent right,
        SimInterface other,
        TransportAddress b,
        IReadOnlyCollection<TransportAddress> servers)
    {
        List<Realm> ours = Realms(mine.Realm, a.IsIPv6);
        List<Realm> theirs = Realms(other.Realm, b.IsIPv6);
        if (ours.Find(theirs.Contains) is not { } common)
            return "the two are in realms that nothing joins";
        Vantage x = LookFrom(common, left, mine, a, servers);
        Vantage y = LookFrom(common, right, other, b, servers);
        if ((x.Blocked ?? y.Blocked) is { } blocked)
            return blocked;
        if (!x.Known && !y.Known)
            return "both are behind NATs and neither learns its external address";
        return Leads(x, y) || Leads(y, x)
            ? null
            : $"{x.Mapping}/{x.Filtering} against {y.Mapping}/{y.Filtering} cannot be passed without a relay";
    }

    private static List<Realm> Realms(Realm innermost, bool ipv6)
    {
        List<Realm> realms = [innermost];
        while (realms[^1].GetGateway(ipv6) is { } gateway)
            realms.Add(gateway.Outside.Realm);
        return realms;
    }

    private static Vantage LookFrom(Realm common, SimAgent agent, SimInterface nic, TransportAddress address, IReadOnlyCollection<TransportAddress> servers)
    {
        NatMapping mapping = NatMapping.EndpointIndependent;
        NatFiltering filtering = NatFiltering.EndpointIndependent;
        bool translated = false;
        string? blocked = IsCut(nic.Link) ? $"the link of {nic.Attachment.Name} is cut" : null;
        for (Realm at = nic.Realm; at != common;)
        {
            Gateway gateway = at.GetGateway(address.IsIPv6)!;
            mapping = Max(mapping, gateway.Mapping);
            filtering = Max(filtering, gateway.Filtering);
            translated |= gateway.Translates;
            if (gateway.BlocksAll || IsCut(gateway.Outside.Link))
                blocked ??= $"{gateway.Name} lets nothing through";
            at = gateway.Outside.Realm;
        }

        bool full = agent.Options.Core.Mode == IceMode.Full;
        bool asks = full && agent.Options.Servers.Any(server => servers.Contains(server) && server.SameFamily(address) && common.Has(server));
        return new Vantage(address, common, mapping, filtering, translated, !translated || asks, full, blocked);
    }

    /// <summary>Whether a check from <paramref name="x"/> to the address that <paramref name="y"/> told, or the check it triggers, is answered.</summary>
    private static bool Leads(Vantage x, Vantage y)
    {
        if (!x.Opens || !y.Known)
            return false;
        if (y.Mapping == NatMapping.EndpointIndependent)
        {
            // y's external address is one, whoever it sends to: the answer comes from where the check went. It arrives if y's filter is open
            // to the address that x's check comes from: because y's own checks went to x's known address, which is that one if x's mapping is
            // endpoint-independent too, and shares at least the IP address with it if not.
            bool opened = y.Opens && x.Known;
            return y.Filtering switch
            {
                NatFiltering.EndpointIndependent => true,
                NatFiltering.AddressDependent => opened,
                _ => opened && x.Mapping == NatMapping.EndpointIndependent,
            };
        }

        // y told the address that a STUN server saw; what it sends to x leaves from another. A check to the told one passes only a filter that
        // is open to all. Its answer comes from the wrong address, but y's triggered check comes from there too, back to where x's check came
        // from, and passes if x's filter looks at the IP address at most.
        if (y.Filtering != NatFiltering.EndpointIndependent || !y.Opens || x.Filtering == NatFiltering.AddressAndPortDependent)
            return false;
        // Now one of the two must keep its external address towards the other's new port.
        return x.Mapping != NatMapping.AddressAndPortDependent || y.Mapping != NatMapping.AddressAndPortDependent;
    }

    private static bool IsCut(Link link) => link.Up.IsCut || link.Down.IsCut;

    private static NatMapping Max(NatMapping a, NatMapping b) => a > b ? a : b;

    private static NatFiltering Max(NatFiltering a, NatFiltering b) => a > b ? a : b;
}
