using Ice.Core;
using Stun;
using Turn;

namespace Ice.Simulation;

/// <summary>A <see cref="Scenario"/> built up: the network, the two agents and the signaling between them, ready to start.</summary>
public sealed class ScenarioWorld
{
    private const string User = "user";
    private const string Password = "secret";

    private static readonly TransportAddress s_stunIPv4 = TransportAddress.Parse("198.51.100.1", 3478);
    private static readonly TransportAddress s_stunIPv6 = TransportAddress.Parse("2001:db8:ffff::1", 3478);
    private static readonly TransportAddress s_turnIPv4 = TransportAddress.Parse("198.51.100.2", 3478);
    private static readonly TransportAddress s_turnIPv6 = TransportAddress.Parse("2001:db8:ffff::2", 3478);

    private readonly ScenarioTopology _topology;

    /// <summary>Builds a scenario.</summary>
    public ScenarioWorld(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        Scenario = scenario;
        Network = new SimNetwork(scenario.Seed, scenario.Origin);
        Internet = new Realm(Network, "internet");
        _topology = new ScenarioTopology(Network, Internet);
        var serverHost = new SimHost(Network, "stun");
        _ = serverHost.AddInterface("eth0", Internet, new Link(Network, scenario.ServerLink), "198.51.100.1", "2001:db8:ffff::1");
        Servers = [new SimStunServer(serverHost, s_stunIPv4), new SimStunServer(serverHost, s_stunIPv6)];
        foreach (SimStunServer server in Servers)
            server.IsSilent = !scenario.ServersAnswer;
        if (scenario.Offerer.UsesTurn || scenario.Answerer.UsesTurn)
            TurnServer = BuildTurnServer();
        Offerer = BuildAgent(scenario.Offerer, "offerer", 1);
        Answerer = BuildAgent(scenario.Answerer, "answerer", 2);
        Signaling = new SimSignaling(Offerer, Answerer, scenario.Trickle, scenario.SignalingDelay);
        var timing = new OracleTiming { Trickle = scenario.Trickle, SignalingDelay = scenario.SignalingDelay, ServersAnswer = scenario.ServersAnswer };
        if (scenario.GatheringTimeout is { } timeout)
            timing = timing with { GatheringTimeout = timeout };
        Oracle = ReachabilityOracle.Judge(Offerer, Answerer, scenario.ServersAnswer ? Answering : [], timing);
    }

    /// <summary>The scenario.</summary>
    public Scenario Scenario { get; }

    /// <summary>The network.</summary>
    public SimNetwork Network { get; }

    /// <summary>The realm that everything is joined to.</summary>
    public Realm Internet { get; }

    /// <summary>The STUN servers.</summary>
    public IReadOnlyList<SimStunServer> Servers { get; }

    /// <summary>The TURN server; null where neither side uses it.</summary>
    public SimTurnServer? TurnServer { get; }

    /// <summary>Every NAT: the offerer's first, for each the inner ones after those outside of it.</summary>
    public IReadOnlyList<Nat> Nats => _topology.Nats;

    /// <summary>Every firewall.</summary>
    public IReadOnlyList<Firewall> Firewalls => _topology.Firewalls;

    /// <summary>The agent that offers.</summary>
    public SimAgent Offerer { get; }

    /// <summary>The agent that answers.</summary>
    public SimAgent Answerer { get; }

    /// <summary>The signaling.</summary>
    public SimSignaling Signaling { get; }

    /// <summary>What the topology allows.</summary>
    public Reachability Oracle { get; }

    /// <summary>All components of all streams.</summary>
    public IEnumerable<ComponentId> Components =>
        Scenario.Streams.SelectMany((count, stream) => Enumerable.Range(1, count).Select(component => new ComponentId(stream, component)));

    private static TransportAddress[] Answering => [s_stunIPv4, s_stunIPv6, s_turnIPv4, s_turnIPv6, s_turnIPv4.WithPort(443), s_turnIPv6.WithPort(443)];

    /// <summary>Sets whether the links behave as the scenario says, or lose, delay and reorder no more than a good network does.</summary>
    public void SetTrouble(bool trouble)
    {
        foreach ((SideScenario side, SimAgent agent) in new[] { (Scenario.Offerer, Offerer), (Scenario.Answerer, Answerer) })
        {
            for (int i = 0; i < side.Interfaces.Count; i++)
            {
                LinkConditions conditions = side.Interfaces[i].Link;
                agent.Interfaces[i].Link.SetConditions(trouble ? conditions : new LinkConditions { Latency = conditions.Latency });
            }
        }
    }

    private SimTurnServer BuildTurnServer()
    {
        var host = new SimHost(Network, "turn");
        _ = host.AddInterface("eth0", Internet, new Link(Network, Scenario.ServerLink), "198.51.100.2", "2001:db8:ffff::2");
        var server = new SimTurnServer(host, s_turnIPv4, new TurnServerCoreOptions
        {
            RelayIPv4 = s_turnIPv4,
            RelayIPv6 = s_turnIPv6,
            OwnAddresses = [s_turnIPv4, s_turnIPv6],
            Users = new TurnUsers("sim", [new KeyValuePair<string, string>(User, Password)], []),
        });
        server.Open(s_turnIPv6);
        server.Listen(s_turnIPv4.WithPort(443));
        server.Listen(s_turnIPv6.WithPort(443));
        server.IsSilent = !Scenario.ServersAnswer;
        return server;
    }

    private SimAgent BuildAgent(SideScenario side, string name, int number)
    {
        var host = new SimHost(Network, name);
        for (int i = 0; i < side.Interfaces.Count; i++)
            _ = _topology.Join(host, side.Interfaces[i], number, i);
        return new SimAgent(host, name, new SimAgentOptions
        {
            Core = new IceCoreOptions
            {
                Streams = Scenario.Streams,
                Role = side.Role,
                Mode = side.Mode,
                Pacing = side.Pacing,
                GatheringTimeout = Scenario.GatheringTimeout,
                Traversal = side.Traversal,
            },
            Servers = side.UsesStun ? [s_stunIPv4, s_stunIPv6] : [],
            Relays = side.UsesTurn ? Relays(side) : [],
            TimerSlack = side.TimerSlack,
        });
    }

    // One family is enough to reach the server, for it relays to both.
    private static SimRelay[] Relays(SideScenario side)
    {
        TransportAddress server = side.Interfaces.Any(static nic => nic.IPv4) ? s_turnIPv4 : s_turnIPv6;
        return [new SimRelay(server, User, Password), new SimRelay(server.WithPort(443), User, Password) { Transport = RelayTransport.Tcp }];
    }
}
