using System.Globalization;
using Stun;

namespace Ice.Simulation;

/// <summary>Builds the networks of a <see cref="Scenario"/>: LANs, NATs one behind the other, firewalls.</summary>
internal sealed class ScenarioTopology(SimNetwork network, Realm internet)
{
    private const int HttpsPort = 443;

    private readonly List<Nat> _nats = [];
    private readonly List<Firewall> _firewalls = [];
    private Realm? _lan;
    private Realm? _carrier;

    /// <summary>Every NAT.</summary>
    public IReadOnlyList<Nat> Nats => _nats;

    /// <summary>Every firewall.</summary>
    public IReadOnlyList<Firewall> Firewalls => _firewalls;

    /// <summary>Joins an interface of a host to the Internet as its plan says.</summary>
    public SimInterface Join(SimHost host, InterfaceScenario plan, int side, int index)
    {
        string name = Format($"eth{index}");
        Realm realm = plan.Access switch
        {
            Access.Public => internet,
            Access.SharedLan => _lan ??= SharedLan(plan),
            _ => OwnRealm(host.Name + " " + name, plan, side, index),
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
        var link = new Link(network, plan.Link);
        return (plan.IPv4, plan.IPv6) switch
        {
            (true, true) => host.AddInterface(name, realm, link, ipv4, ipv6),
            (true, false) => host.AddInterface(name, realm, link, ipv4),
            _ => host.AddInterface(name, realm, link, ipv6),
        };
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static TransportAddress[] Pool(string prefix, int first, int count) =>
        [.. Enumerable.Range(first, count).Select(last => TransportAddress.Parse(Format($"{prefix}.{last}"), 0))];

    private Realm SharedLan(InterfaceScenario plan)
    {
        var lan = new Realm(network, "lan");
        AddNat("lan nat", lan, Outside(plan, 0, 0), plan.Nat, Pool(plan.OuterNats.Count > 0 ? "100.64.9" : "203.0.113", 254, 1));
        AddFirewall("lan firewall", lan, ipv6: true, plan);
        return lan;
    }

    private Realm OwnRealm(string name, InterfaceScenario plan, int side, int index)
    {
        var realm = new Realm(network, name);
        AddFirewall(name + " v6 firewall", realm, ipv6: true, plan);
        if (plan.Access != Access.Nat)
            AddFirewall(name + " v4 firewall", realm, ipv6: false, plan);
        else if (plan.OuterNats.Count > 0)
            AddNat(name + " nat", realm, Outside(plan, side, index), plan.Nat, Pool(Format($"100.64.{side}"), 10 + (index * 8), plan.PoolSize));
        else
            AddNat(name + " nat", realm, internet, plan.Nat, Pool("203.0.113", 128 + (side * 32) + (index * 8), plan.PoolSize));
        return realm;
    }

    /// <summary>What is outside of an interface's own NAT: the Internet, or a realm behind further NATs.</summary>
    private Realm Outside(InterfaceScenario plan, int side, int index)
    {
        // From the Internet inward.
        Realm outside = internet;
        for (int layer = plan.OuterNats.Count - 1; layer >= 0; layer--)
        {
            bool outermost = layer == plan.OuterNats.Count - 1;
            bool shared = outermost && plan.SharesOuterNat;
            if (shared && _carrier is not null)
            {
                outside = _carrier;
                continue;
            }

            string name = shared ? "carrier" : Format($"carrier {side}.{index}.{layer}");
            var inside = new Realm(network, name);
            TransportAddress[] pool = outermost
                ? Pool("203.0.113", shared ? 248 : 200 + (side * 8) + (index * 2), 1)
                : Pool(Format($"100.{65 + layer}.{side}"), 10 + index, 1);
            AddNat(name + " nat", inside, outside, plan.OuterNats[layer], pool);
            outside = inside;
            if (shared)
                _carrier = inside;
        }

        return outside;
    }

    private void AddNat(string name, Realm inside, Realm outside, NatOptions options, TransportAddress[] pool) =>
        _nats.Add(new Nat(network, name, inside, outside, options, null, pool));

    private void AddFirewall(string name, Realm inside, bool ipv6, InterfaceScenario plan)
    {
        bool blocks = plan.Access is Access.Blocked or Access.TcpOnly;
        _firewalls.Add(new Firewall(network, name, inside, internet, ipv6, plan.FirewallFiltering, plan.Nat.Lifetime)
        {
            IsBlocking = plan.Access == Access.Closed,
            BlocksUdp = blocks,
            TcpPorts = plan.Access == Access.TcpOnly ? new HashSet<int> { HttpsPort } : null,
        });
    }
}
