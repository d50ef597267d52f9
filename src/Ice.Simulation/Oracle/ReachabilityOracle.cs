using Stun;

namespace Ice.Simulation;

/// <summary>
/// Says from the topology alone whether two agents must find a direct path, may find one with prediction, or need a relay, and within which time:
/// what a run is judged by. It knows nothing of ICE's order of things, only which packets gateways let through.
/// </summary>
/// <remarks>
/// A path is direct for certain when checks of every pair, repeated until nothing new comes of them, find it whatever ports NATs choose. With
/// prediction it may be found when that holds for NATs whose mapping is known beforehand: of those that assign ports at random only where the
/// other side's mapping is endpoint-independent, for one side alone can guess. What depends on the luck of a pool counts as predicted too. An agent
/// that predicts (<see cref="SideScenario.Traversal"/>) may find such a path or may not: either is right, as long as a relay does where it does not. Loss is not considered, nor that mappings expire.
/// </remarks>
public static class ReachabilityOracle
{
    /// <summary>Judges two agents as their network stands.</summary>
    /// <param name="left">The agent that offers.</param>
    /// <param name="right">The one that answers.</param>
    /// <param name="servers">The STUN and TURN servers that answer.</param>
    /// <param name="timing">What the time limit depends on besides; null for the defaults.</param>
    public static Reachability Judge(SimAgent left, SimAgent right, IReadOnlyCollection<TransportAddress> servers, OracleTiming? timing = null)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        ArgumentNullException.ThrowIfNull(servers);
        var plain = new OracleNetwork(left, right, servers, static _ => false, luckyPools: false);
        OracleFinding? found = plain.Find();
        timing ??= new OracleTiming();
        TimeSpan within = timing.Limit(plain.Left, plain.Right, found?.Round ?? 1, found is not { IsDirect: true });
        if (found is { IsDirect: true })
            return new Reachability(DirectPath.Certain, Relayed: false, within, Describe(found));
        DirectPath direct = MayPredict(plain, servers) ? DirectPath.WithPrediction : DirectPath.Impossible;
        return new Reachability(direct, found is not null, within, found is null ? WhyNot(plain) : Describe(found));
    }

    private static string Describe(OracleFinding found) =>
        $"{Name(found.From)} reaches {Name(found.To)}";

    private static string Name(OracleBase at) =>
        at.IsRelay ? $"{at.Side.Agent.Name}'s relay {at.Ip.ToIPAddress()}" : $"{at.Attachment.Name} {at.Ip.ToIPAddress()}";

    private static string WhyNot(OracleNetwork network)
    {
        if (!network.Left.Bases.Any(mine => network.Right.Bases.Any(other => mine.Ip.SameFamily(other.Ip))))
            return "the two have no address family in common";
        string gateways = string.Join(" against ", new[] { network.Left, network.Right }.Select(static side =>
            string.Join(", ", side.Agent.Interfaces.Select(static nic => Chain(nic)).Distinct())));
        return $"no check of one is answered by the other: {gateways}";
    }

    private static string Chain(SimInterface nic)
    {
        var names = new List<string>();
        foreach (Gateway gateway in OracleSide.GatewaysOf(nic, nic.Addresses[0].IsIPv6))
            names.Add(gateway is Nat nat ? nat.Options.ShortName : gateway.LetsOut(SimProtocol.Udp, ushort.MaxValue) ? $"firewall {gateway.Filtering}" : "no UDP");
        return names.Count == 0 ? "public" : string.Join(" behind ", names);
    }

    private static bool MayPredict(OracleNetwork plain, IReadOnlyCollection<TransportAddress> servers)
    {
        HashSet<Nat> mine = plain.Left.DependentNats;
        HashSet<Nat> theirs = plain.Right.DependentNats;
        if (mine.Count + theirs.Count == 0)
            return false;
        var known = new OracleNetwork(plain.Left.Agent, plain.Right.Agent, servers, nat =>
            nat.Options.PortAssignment is NatPortAssignment.Sequential or NatPortAssignment.Preserving
            || (mine.Contains(nat) && theirs.Count == 0)
            || (theirs.Contains(nat) && mine.Count == 0),
            luckyPools: true);
        return known.Find() is { IsDirect: true };
    }
}
