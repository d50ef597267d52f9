using System.Globalization;
using Ice.Core;
using Stun;

namespace Ice.Simulation;

/// <summary>A <see cref="Scenario"/> built up: the network, the two agents and the signaling between them, ready to start.</summary>
public sealed class ScenarioWorld
{
    private static readonly TransportAddress s_stunIPv4 = TransportAddress.Parse("198.51.100.1", 3478);
    private static readonly TransportAddress s_stunIPv6 = TransportAddress.Parse("2001:db8:ffff::1", 3478);

    private readonly Dictionary<string, Link> _links = [];
    private Realm? _lan;

    /// <summary>Builds a scenario.</summary>
    public ScenarioWorld(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        Scenario = scenario;
        Network = new SimNetwork(scenario.Seed, scenario.Origin);
        Internet = new Realm(Network, "internet");
        var serverHost = new SimHost(Network, "stun");
        _ = serverHost.AddInterface("eth0", Internet, null, "198.51.100.1", "2001:db8:ffff::1");
        Servers = [new SimStunServer(serverHost, s_stunIPv4), new SimStunServer(serverHost, s_stunIPv6)];
        foreach (SimStunServer server in Servers)
            server.IsSilent = !scenario.ServersAnswer;
        Offerer = BuildAgent(scenario.Offerer, "offerer", 1);
        Answerer = BuildAgent(scenario.Answerer, "answerer", 2);
        Signaling = new SimSignaling(Offerer, Answerer, scenario.Trickle, scenario.SignalingDelay);
        Oracle = ReachabilityOracle.Judge(Offerer, Answerer, scenario.ServersAnswer ? [s_stunIPv4, s_stunIPv6] : []);
    }

    /// <summary>The scenario.</summary>
    public Scenario Scenario { get; }

    /// <summary>The network.</summary>
    public SimNetwork Network { get; }

    /// <summary>The realm that everything is joined to.</summary>
    public Realm Internet { get; }

    /// <summary>The STUN servers.</summary>
    public IReadOnlyList<SimStunServer> Servers { get; }

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

    /// <summary>The links of both agents' interfaces.</summary>
    public IEnumerable<Link> Links => _links.Values;

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

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private SimAgent BuildAgent(SideScenario side, string name, int number)
    {
        var host = new SimHost(Network, name);
        for (int i = 0; i < side.Interfaces.Count; i++)
            AddInterface(host, side.Interfaces[i], number, i);
        return new SimAgent(host, name, new SimAgentOptions
        {
            Core = new IceCoreOptions { Streams = Scenario.Streams, Role = side.Role, Mode = side.Mode, Pacing = side.Pacing },
            Servers = side.UsesStun ? [s_stunIPv4, s_stunIPv6] : [],
            TimerSlack = side.TimerSlack,
        });
    }

    private void AddInterface(SimHost host, InterfaceScenario plan, int side, int index)
    {
        string name = Format($"eth{index}");
        Realm realm = plan.Access switch
        {
            Access.Public => Internet,
            Access.SharedLan => _lan ??= SharedLan(plan.Nat),
            _ => OwnRealm(host.Name + " " + name, plan, Format($"203.0.113.{128 + (side * 16) + index}")),
        };
        string ipv4 = plan.Access switch
        {
            Access.SharedLan => Format($"192.168.7.{10 + side}"),
            // Most home networks have the same addresses: both sides' hosts may, too.
            Access.Nat when index == 0 => "192.168.1.10",
            Access.Nat => Format($"10.{side}.{index}.10"),
            _ => Format($"203.0.113.{(side * 16) + index}"),
        };
        string ipv6 = Format($"2001:db8:{side}:{index}::10");
        var link = new Link(Network, plan.Link);
        _links.Add(host.Name + name, link);
        _ = (plan.IPv4, plan.IPv6) switch
        {
            (true, true) => host.AddInterface(name, realm, link, ipv4, ipv6),
            (true, false) => host.AddInterface(name, realm, link, ipv4),
            _ => host.AddInterface(name, realm, link, ipv6),
        };
    }

    private Realm SharedLan(NatOptions options)
    {
        var lan = new Realm(Network, "lan");
        _ = new Nat(Network, "lan nat", lan, Internet, options, null, TransportAddress.Parse("203.0.113.254", 0));
        _ = new Firewall(Network, "lan firewall", lan, Internet, ipv6: true, NatFiltering.AddressAndPortDependent, options.Lifetime);
        return lan;
    }

    private Realm OwnRealm(string name, InterfaceScenario plan, string external)
    {
        var realm = new Realm(Network, name);
        var ipv6 = new Firewall(Network, name + " v6 firewall", realm, Internet, ipv6: true, NatFiltering.AddressAndPortDependent, plan.Nat.Lifetime);
        ipv6.IsBlocking = plan.Access == Access.Blocked;
        if (plan.Access == Access.Nat)
        {
            _ = new Nat(Network, name + " nat", realm, Internet, plan.Nat, null, TransportAddress.Parse(external, 0));
        }
        else
        {
            var ipv4 = new Firewall(Network, name + " v4 firewall", realm, Internet, ipv6: false, NatFiltering.AddressAndPortDependent, plan.Nat.Lifetime);
            ipv4.IsBlocking = plan.Access == Access.Blocked;
        }

        return realm;
    }
}
