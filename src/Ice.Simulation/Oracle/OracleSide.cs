namespace Ice.Simulation;

/// <summary>One of the two agents, as the oracle sees it.</summary>
internal sealed class OracleSide(SimAgent agent)
{
    public SimAgent Agent { get; } = agent;

    // RFC 8445 §7: "a lite implementation only acts as a STUN server"
    public bool Checks { get; } = agent.Options.Core.Mode == IceMode.Full;

    public List<OracleBase> Bases { get; } = [];

    /// <summary>What is signaled: hosts' addresses, what STUN servers see, and relayed addresses.</summary>
    public HashSet<Spot> Candidates { get; } = [];

    /// <summary>The NATs before it whose mappings depend on the destination.</summary>
    public HashSet<Nat> DependentNats { get; } =
    [
        .. from nic in agent.Interfaces
           from ipv6 in new[] { false, true }
           from nat in GatewaysOf(nic, ipv6).OfType<Nat>()
           where nat.Mapping != NatMapping.EndpointIndependent
           select nat,
    ];

    /// <summary>How many candidates it may signal for each base besides, because it predicts them: each answer of a server may tell of others.</summary>
    public int PredictedCandidates => DependentNats.Count == 0 ? 0 : 2 * (Agent.Options.Core.Traversal?.PredictPorts ?? 0);

    /// <summary>The gateways between an interface and the Internet, from the inside.</summary>
    public static IEnumerable<Gateway> GatewaysOf(SimInterface nic, bool ipv6)
    {
        for (Gateway? gateway = nic.Realm.GetGateway(ipv6); gateway is not null; gateway = gateway.Outside.Realm.GetGateway(ipv6))
            yield return gateway;
    }
}
