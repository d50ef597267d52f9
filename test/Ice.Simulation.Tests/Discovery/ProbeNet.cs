using Stun;

namespace Ice.Simulation.Tests.Discovery;

/// <summary>A host behind a NAT (or none), and on the Internet a server with two addresses and two plain ones.</summary>
internal sealed class ProbeNet
{
    public ProbeNet(NatOptions? nat, ulong seed = 1, LinkConditions? conditions = null, string[]? external = null)
    {
        Network = new SimNetwork(seed);
        Internet = new Realm(Network, "internet");
        Server = new BehaviorServer(Network, Internet, "203.0.113.10", "203.0.113.11");
        Plain = [PlainServer("203.0.113.20", 3478), PlainServer("203.0.113.21", 3478)];
        Uplink = new Link(Network, conditions ?? new LinkConditions { Latency = TimeSpan.FromMilliseconds(20) });
        Realm home = Internet;
        if (nat is not null)
        {
            home = new Realm(Network, "home");
            Nat = new Nat(Network, "nat", home, Internet, nat, Uplink, [.. (external ?? ["198.51.100.1"]).Select(static a => TransportAddress.Parse(a, 0))]);
        }

        Host = new SimHost(Network, "host");
        Address = TransportAddress.Parse(nat is null ? "203.0.113.50" : "192.168.1.10", 0);
        _ = Host.AddInterface("eth0", home, nat is null ? Uplink : null, Address.ToIPAddress().ToString());
    }

    public SimNetwork Network { get; }

    public Realm Internet { get; }

    public Link Uplink { get; }

    public BehaviorServer Server { get; }

    public IReadOnlyList<SimStunServer> Plain { get; }

    public Nat? Nat { get; }

    public SimHost Host { get; }

    public TransportAddress Address { get; }

    public ProbeHost Start(Func<NatProbeOptions, NatProbeOptions>? change = null, params IReadOnlyList<TransportAddress> servers)
    {
        var options = new NatProbeOptions { Servers = servers.Count > 0 ? servers : [Server.Primary] };
        return new ProbeHost(Host, Address, change?.Invoke(options) ?? options);
    }

    public NatBehavior Finish(ProbeHost probe, TimeSpan? limit = null)
    {
        Assert.That(Network.RunUntil(() => probe.Result is not null, limit ?? TimeSpan.FromMinutes(3)), Is.True, $"seed {Network.Seed}: {probe.Probe.GetBehavior()}");
        Assert.That(probe.Probe.NextTimeout.IsNever && probe.Probe.IsCompleted, Is.True, "a probe that has ended is idle");
        return probe.Result!;
    }

    public NatBehavior Run(Func<NatProbeOptions, NatProbeOptions>? change = null, params IReadOnlyList<TransportAddress> servers) => Finish(Start(change, servers));

    private SimStunServer PlainServer(string address, int port)
    {
        var host = new SimHost(Network, address);
        _ = host.AddInterface("eth0", Internet, null, address);
        _ = new SimStunServer(host, TransportAddress.Parse(address, port + 1));
        return new SimStunServer(host, TransportAddress.Parse(address, port));
    }
}
