using Stun;

namespace Ice.Simulation.Tests;

/// <summary>Two hosts behind a NAT, and outside of it a server with a second port and another host.</summary>
internal sealed class NatNet
{
    private readonly TestNet _net = new(42);

    public NatNet(NatOptions options, TransportAddress[] external)
    {
        var home = new Realm(Network, "home");
        Nat = new Nat(Network, "nat", home, Internet, options, null, external);
        Inner = _net.Host("inner", home, "192.168.1.10");
        Neighbor = _net.Host("neighbor", home, "192.168.1.11");
        Server = _net.Host("server", Internet, "203.0.113.1");
        SameHost = new Endpoint(Server.Host, Server.Host.Bind(Server.Address.WithPort(5000)));
        Other = _net.Host("other", Internet, "203.0.113.2");
    }

    public SimNetwork Network => _net.Network;

    public Realm Internet => _net.Internet;

    public IReadOnlyList<PacketRecord> Records => _net.Records;

    public Nat Nat { get; }

    public Endpoint Inner { get; }

    public Endpoint Neighbor { get; }

    public Endpoint Server { get; }

    public Endpoint SameHost { get; }

    public Endpoint Other { get; }

    public IEnumerable<PacketDropCause> Drops() => _net.Drops();

    public void Settle() => _net.Settle();
}
