using Ice.Testing;
using Stun;

namespace Ice.Simulation.Tests;

[Rfc(6092, "3.2.1")]
public class FirewallTests
{
    [Test]
    public void A_firewall_lets_answers_in_and_changes_no_address([Values] bool ipv6)
    {
        (TestNet net, Firewall _, Endpoint inner, Endpoint outer) = Build(ipv6, NatFiltering.AddressAndPortDependent);
        outer.Send(inner.Address, "uninvited");
        net.Settle();
        inner.Send(outer.Address, "out");
        net.Settle();
        outer.Send(inner.Address, "answer");
        net.Settle();
        Assert.That(outer.Received, Is.EqualTo(new[] { (inner.Address, "out") }));
        Assert.That(inner.Received, Is.EqualTo(new[] { (outer.Address, "answer") }));
        Assert.That(net.Drops(), Is.EqualTo(new[] { PacketDropCause.Filtered }));
    }

    [Test]
    public void A_permission_of_a_firewall_expires()
    {
        (TestNet net, Firewall _, Endpoint inner, Endpoint outer) = Build(true, NatFiltering.AddressAndPortDependent);
        inner.Send(outer.Address, "out");
        net.Network.RunFor(TimeSpan.FromSeconds(61));
        outer.Send(inner.Address, "late");
        net.Settle();
        Assert.That(inner.Received, Is.Empty);
    }

    [Test]
    public void An_open_filter_lets_everybody_in()
    {
        (TestNet net, Firewall _, Endpoint inner, Endpoint outer) = Build(true, NatFiltering.EndpointIndependent);
        outer.Send(inner.Address, "hello");
        net.Settle();
        Assert.That(inner.Received, Is.EqualTo(new[] { (outer.Address, "hello") }));
    }

    [Test]
    public void A_blocking_firewall_lets_nothing_through()
    {
        (TestNet net, Firewall firewall, Endpoint inner, Endpoint outer) = Build(false, NatFiltering.EndpointIndependent);
        firewall.IsBlocking = true;
        inner.Send(outer.Address, "out");
        outer.Send(inner.Address, "in");
        net.Settle();
        Assert.That(inner.Received, Is.Empty);
        Assert.That(outer.Received, Is.Empty);
        Assert.That(net.Drops(), Is.EqualTo(new[] { PacketDropCause.Blocked, PacketDropCause.Blocked }));
    }

    [Test]
    public void A_firewall_may_let_out_TCP_to_some_ports_alone()
    {
        (TestNet net, Firewall firewall, Endpoint inner, Endpoint outer) = Build(false, NatFiltering.AddressAndPortDependent);
        (firewall.BlocksUdp, firewall.TcpPorts) = (true, new HashSet<int> { 443 });
        foreach (int port in new[] { 443, 3478 })
            outer.Host.Listen(outer.Address.WithPort(port), static _ => { });
        SimStream secure = inner.Host.Connect(inner.Address.WithPort(0), outer.Address.WithPort(443));
        SimStream other = inner.Host.Connect(inner.Address.WithPort(0), outer.Address.WithPort(3478));
        inner.Send(outer.Address, "datagram");
        net.Network.RunFor(TimeSpan.FromMinutes(5));
        Assert.Multiple(() =>
        {
            Assert.That(secure.IsOpen, Is.True);
            Assert.That(other.IsClosed, Is.True);
            Assert.That(outer.Received, Is.Empty);
        });
    }

    private static (TestNet Net, Firewall Firewall, Endpoint Inner, Endpoint Outer) Build(bool ipv6, NatFiltering filtering)
    {
        var net = new TestNet(1);
        var home = new Realm(net.Network, "home");
        var firewall = new Firewall(net.Network, "firewall", home, net.Internet, ipv6, filtering, TimeSpan.FromSeconds(60));
        Endpoint inner = net.Host("inner", home, ipv6 ? "2001:db8::1" : "203.0.113.1");
        Endpoint outer = net.Host("outer", net.Internet, ipv6 ? "2001:db8::2" : "203.0.113.2");
        return (net, firewall, inner, outer);
    }
}
