using Ice.Testing;
using Stun;

namespace Ice.Simulation.Tests;

public class NatTests
{
    private static readonly TransportAddress s_external = TransportAddress.Parse("203.0.113.99", 0);

    [Test]
    [Rfc(4787, "4.1")]
    public void Mapping_reuses_the_external_port_as_far_as_it_says([Values] NatMapping mapping)
    {
        NatNet net = Build(new NatOptions { Mapping = mapping });
        net.Inner.Send(net.Server.Address, "1");
        net.Inner.Send(net.SameHost.Address, "2");
        net.Inner.Send(net.Other.Address, "3");
        net.Inner.Send(net.Server.Address, "4");
        net.Settle();
        TransportAddress first = net.Server.Received[0].From;
        bool sameForPort = net.SameHost.Received[0].From == first;
        bool sameForAddress = net.Other.Received[0].From == first;
        Assert.That(first.SameAddress(s_external), Is.True);
        Assert.That(net.Server.Received[1].From, Is.EqualTo(first), "the same destination always gets the same mapping");
        Assert.That(sameForPort, Is.EqualTo(mapping != NatMapping.AddressAndPortDependent));
        Assert.That(sameForAddress, Is.EqualTo(mapping == NatMapping.EndpointIndependent));
    }

    [Test]
    [Rfc(4787, "5")]
    public void Filtering_lets_in_whom_it_says([Values] NatMapping mapping, [Values] NatFiltering filtering)
    {
        NatNet net = Build(new NatOptions { Mapping = mapping, Filtering = filtering });
        net.Inner.Send(net.Server.Address, "out");
        net.Settle();
        TransportAddress mapped = net.Server.Received[0].From;
        net.Server.Send(mapped, "server");
        net.SameHost.Send(mapped, "other port");
        net.Other.Send(mapped, "other host");
        net.Settle();
        string[] expected = filtering switch
        {
            NatFiltering.EndpointIndependent => ["server", "other port", "other host"],
            NatFiltering.AddressDependent => ["server", "other port"],
            _ => ["server"],
        };
        Assert.That(net.Inner.Received.Select(static data => data.Text), Is.EqualTo(expected));
        Assert.That(net.Drops().Count(static cause => cause == PacketDropCause.Filtered), Is.EqualTo(3 - expected.Length));
    }

    [Test]
    public void Nobody_gets_in_where_nothing_is_mapped()
    {
        NatNet net = Build(new NatOptions { Filtering = NatFiltering.EndpointIndependent });
        net.Server.Send(s_external.WithPort(4000), "hello?");
        net.Settle();
        Assert.That(net.Inner.Received, Is.Empty);
        Assert.That(net.Drops(), Is.EqualTo(new[] { PacketDropCause.NoMapping }));
    }

    [Test]
    [Rfc(4787, "4.3")]
    public void A_mapping_expires_after_its_lifetime_and_packets_out_refresh_it()
    {
        NatNet net = Build(new NatOptions { Lifetime = TimeSpan.FromSeconds(60), PortAssignment = NatPortAssignment.Random });
        net.Inner.Send(net.Server.Address, "1");
        net.Network.RunFor(TimeSpan.FromSeconds(59));
        net.Inner.Send(net.Server.Address, "2");
        net.Network.RunFor(TimeSpan.FromSeconds(59));
        TransportAddress mapped = net.Server.Received[0].From;
        Assert.That(net.Server.Received[1].From, Is.EqualTo(mapped));
        Assert.That(net.Nat.MappingCount, Is.EqualTo(1));
        net.Network.RunFor(TimeSpan.FromSeconds(1));
        Assert.That(net.Nat.MappingCount, Is.Zero);
        net.Server.Send(mapped, "too late");
        net.Settle();
        Assert.That(net.Inner.Received, Is.Empty);
        net.Inner.Send(net.Server.Address, "3");
        net.Settle();
        Assert.That(net.Server.Received[2].From, Is.Not.EqualTo(mapped), "a new mapping has a new port");
    }

    [Test]
    [Rfc(4787, "4.3")]
    public void Packets_in_refresh_only_where_the_NAT_says_so([Values] bool inboundRefresh)
    {
        NatNet net = Build(new NatOptions { Lifetime = TimeSpan.FromSeconds(60), InboundRefresh = inboundRefresh });
        net.Inner.Send(net.Server.Address, "out");
        net.Network.RunFor(TimeSpan.FromSeconds(50));
        TransportAddress mapped = net.Server.Received[0].From;
        net.Server.Send(mapped, "in");
        net.Network.RunFor(TimeSpan.FromSeconds(50));
        net.Server.Send(mapped, "later");
        net.Settle();
        Assert.That(net.Inner.Received, Has.Count.EqualTo(inboundRefresh ? 2 : 1));
    }

    [Test]
    public void A_permission_expires_on_its_own()
    {
        NatNet net = Build(new NatOptions { Lifetime = TimeSpan.FromSeconds(60) });
        net.Inner.Send(net.Server.Address, "out");
        net.Network.RunFor(TimeSpan.FromSeconds(50));
        net.Inner.Send(net.Other.Address, "keeps the mapping");
        net.Network.RunFor(TimeSpan.FromSeconds(20));
        net.Server.Send(net.Server.Received[0].From, "no longer welcome");
        net.Settle();
        Assert.That(net.Inner.Received, Is.Empty);
        Assert.That(net.Drops(), Is.EqualTo(new[] { PacketDropCause.Filtered }));
    }

    [Test]
    [Rfc(4787, "4.2.1")]
    public void Ports_are_assigned_as_the_NAT_says()
    {
        Assert.That(ExternalPorts(NatPortAssignment.Preserving)[0], Is.EqualTo(4000));
        Assert.That(ExternalPorts(NatPortAssignment.Preserving)[1], Is.Not.EqualTo(4000), "the second host cannot have the first one's port");
        Assert.That(ExternalPorts(NatPortAssignment.Sequential), Is.EqualTo(new[] { 1024, 1025 }));
        int[] random = ExternalPorts(NatPortAssignment.Random);
        Assert.That(random, Is.Unique.And.All.InRange(1024, 65535));
        Assert.That(random[0], Is.Not.EqualTo(4000).And.Not.EqualTo(1024));

        static int[] ExternalPorts(NatPortAssignment assignment)
        {
            NatNet net = Build(new NatOptions { PortAssignment = assignment });
            net.Inner.Send(net.Server.Address, "1");
            net.Neighbor.Send(net.Server.Address, "2");
            net.Settle();
            return [.. net.Server.Received.Select(static data => data.From.Port)];
        }
    }

    [Test]
    public void A_NAT_without_a_free_port_drops()
    {
        NatNet net = Build(new NatOptions { FirstPort = 5000, LastPort = 5000 });
        net.Inner.Send(net.Server.Address, "1");
        net.Neighbor.Send(net.Server.Address, "2");
        net.Settle();
        Assert.That(net.Server.Received.Select(static data => data.Text), Is.EqualTo(new[] { "1" }));
        Assert.That(net.Drops(), Is.EqualTo(new[] { PacketDropCause.PortsExhausted }));
    }

    [Test]
    [Rfc(4787, "6")]
    public void Hairpinning_shows_the_source_that_it_is_to_show([Values] NatHairpin hairpin)
    {
        NatNet net = Build(new NatOptions { Hairpin = hairpin, Filtering = NatFiltering.EndpointIndependent, PortAssignment = NatPortAssignment.Random });
        net.Inner.Send(net.Server.Address, "1");
        net.Neighbor.Send(net.Server.Address, "2");
        net.Settle();
        TransportAddress inner = net.Server.Received[0].From;
        TransportAddress neighbor = net.Server.Received[1].From;
        net.Inner.Send(neighbor, "around");
        net.Settle();
        TransportAddress? shown = hairpin switch { NatHairpin.ExternalSource => inner, NatHairpin.InternalSource => net.Inner.Address, _ => null };
        Assert.That(net.Neighbor.Received.Select(static data => data.From), shown is null ? Is.Empty : Is.EqualTo(new[] { shown.Value }));
    }

    [Test]
    [Rfc(4787, "5")]
    public void Hairpinning_obeys_the_filter([Values(NatHairpin.InternalSource, NatHairpin.ExternalSource)] NatHairpin hairpin)
    {
        NatNet net = Build(new NatOptions { Hairpin = hairpin });
        net.Inner.Send(net.Server.Address, "1");
        net.Neighbor.Send(net.Server.Address, "2");
        net.Settle();
        net.Inner.Send(net.Server.Received[1].From, "uninvited");
        net.Settle();
        Assert.That(net.Neighbor.Received, Is.Empty);
        net.Neighbor.Send(net.Server.Received[0].From, "come in");
        net.Inner.Send(net.Server.Received[1].From, "invited");
        net.Settle();
        Assert.That(net.Neighbor.Received.Select(static data => data.Text), Is.EqualTo(new[] { "invited" }));
    }

    [Test]
    [Rfc(4787, "4.2.2")]
    public void Parity_is_kept_where_the_NAT_keeps_it()
    {
        NatNet net = Build(new NatOptions { PortAssignment = NatPortAssignment.Parity, Mapping = NatMapping.AddressAndPortDependent });
        for (int i = 0; i < 20; i++)
            net.Inner.Send(net.Server.Address.WithPort(7000 + i), "x");
        net.Settle();
        int[] ports = [.. Externals(net)];
        Assert.That(ports, Has.Length.EqualTo(20).And.Unique.And.All.Matches<int>(port => port % 2 == net.Inner.Address.Port % 2));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(7)]
    public void Sequential_ports_go_on_by_their_step_and_around(int step)
    {
        NatNet net = Build(new NatOptions { PortAssignment = NatPortAssignment.Sequential, PortStep = step, Mapping = NatMapping.AddressAndPortDependent, FirstPort = 5000, LastPort = 5020 });
        for (int i = 0; i < 21; i++)
            net.Inner.Send(net.Server.Address.WithPort(7000 + i), "x");
        net.Settle();
        int[] ports = [.. Externals(net)];
        Assert.Multiple(() =>
        {
            Assert.That(ports.Take(2), Is.EqualTo(new[] { 5000, 5000 + step }));
            Assert.That(ports, Is.EquivalentTo(Enumerable.Range(5000, 21)), "every port is given before the NAT is out of them");
        });
    }

    [Test]
    [Rfc(5382, "4")]
    public void TCP_is_translated_and_filtered_beside_UDP_with_ports_and_lifetimes_of_its_own()
    {
        NatNet net = Build(new NatOptions { Lifetime = TimeSpan.FromSeconds(30) });
        string? heard = null;
        TransportAddress seen = TransportAddress.None;
        net.Server.Host.Listen(net.Server.Address.WithPort(443), stream =>
        {
            seen = stream.RemoteAddress;
            stream.Received = bytes => heard += System.Text.Encoding.UTF8.GetString(bytes.Span);
        });
        net.Inner.Send(net.Server.Address, "datagram");
        SimStream opened = net.Inner.Host.Connect(net.Inner.Address, net.Server.Address.WithPort(443));
        net.Settle();
        net.Network.RunFor(TimeSpan.FromMinutes(10));
        opened.Send("still there"u8);
        net.Settle();
        Assert.Multiple(() =>
        {
            Assert.That(opened.IsOpen, Is.True);
            Assert.That(heard, Is.EqualTo("still there"));
            Assert.That(seen, Is.EqualTo(net.Server.Received[0].From), "the same port is free for both");
        });
        SimStream unasked = net.Other.Host.Connect(net.Other.Address.WithPort(0), seen);
        net.Network.RunFor(TimeSpan.FromMinutes(3));
        Assert.That(unasked.IsClosed, Is.True, "nobody may connect from outside");
    }

    private static IEnumerable<int> Externals(NatNet net) =>
        net.Records.Where(record => record.Where == net.Nat.Outside && record.Fate == PacketFate.Sent).Select(static record => record.Packet.Source.Port);

    [Test]
    [Rfc(4787, "4.1")]
    public void Paired_pooling_keeps_a_host_to_one_external_address([Values] bool paired)
    {
        var options = new NatOptions { PairedPooling = paired, Mapping = NatMapping.AddressAndPortDependent };
        NatNet net = Build(options, s_external, TransportAddress.Parse("203.0.113.100", 0), TransportAddress.Parse("203.0.113.101", 0));
        for (int i = 0; i < 30; i++)
            net.Inner.Send(net.Server.Address.WithPort(7000 + i), "x");
        net.Settle();
        int addresses = net.Records.Where(record => record.Where == net.Nat.Outside).Select(static record => record.Packet.Source.WithPort(0)).Distinct().Count();
        Assert.That(addresses, Is.EqualTo(paired ? 1 : 3));
    }

    [Test]
    public void Nested_NATs_translate_twice()
    {
        var net = new TestNet(1);
        var middle = new Realm(net.Network, "middle");
        var inner = new Realm(net.Network, "inner");
        _ = new Nat(net.Network, "carrier", middle, net.Internet, new NatOptions(), null, s_external);
        _ = new Nat(net.Network, "home", inner, middle, new NatOptions(), null, TransportAddress.Parse("100.64.0.2", 0));
        Endpoint host = net.Host("host", inner, "192.168.1.10");
        Endpoint near = net.Host("near", middle, "100.64.0.3");
        Endpoint far = net.Host("far", net.Internet, "203.0.113.1");
        host.Send(near.Address, "one");
        host.Send(far.Address, "two");
        net.Settle();
        Assert.That(near.Received[0].From.ToString(), Is.EqualTo("100.64.0.2:4000"));
        Assert.That(far.Received[0].From, Is.EqualTo(s_external.WithPort(4000)));
        far.Send(far.Received[0].From, "back");
        net.Settle();
        Assert.That(host.Received, Is.EqualTo(new[] { (far.Address, "back") }));
    }

    [Test]
    public void A_NAT_that_reboots_forgets_its_mappings()
    {
        NatNet net = Build(new NatOptions());
        net.Inner.Send(net.Server.Address, "out");
        net.Settle();
        net.Nat.Reboot();
        net.Server.Send(net.Server.Received[0].From, "in");
        net.Settle();
        Assert.That(net.Drops(), Is.EqualTo(new[] { PacketDropCause.NoMapping }));
    }

    [Test]
    [Rfc(8489, "6.3.1")]
    public void A_STUN_server_tells_the_address_outside_of_the_NAT()
    {
        NatNet net = Build(new NatOptions { PortAssignment = NatPortAssignment.Sequential });
        var host = new SimHost(net.Network, "stun");
        _ = host.AddInterface("eth0", net.Internet, null, "198.51.100.1");
        var server = new SimStunServer(host, TransportAddress.Parse("198.51.100.1", 0));
        TransportAddress? mapped = null;
        var id = TransactionId.Create(new SimEntropy(new SimRandom(1)));
        net.Inner.Socket.OnReceive((_, _, datagram) =>
        {
            Assert.That(StunMessage.TryParse(datagram, out StunMessage response, out _), Is.True);
            Assert.That(response.Class, Is.EqualTo(StunClass.SuccessResponse));
            Assert.That(response.TransactionId, Is.EqualTo(id));
            Assert.That(response.HasFingerprint, Is.True);
            Assert.That(response.TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress address), Is.True);
            mapped = address;
        });
        Span<byte> buffer = stackalloc byte[100];
        net.Inner.Socket.Send(server.Address, new StunWriter(buffer, StunMethod.Binding, StunClass.Request, id).Written);
        net.Inner.Send(server.Address, "not STUN");
        net.Settle();
        Assert.That(mapped, Is.EqualTo(s_external.WithPort(1024)));
        Assert.That(server.Requests, Is.EqualTo(1));
        server.IsSilent = true;
        mapped = null;
        net.Inner.Socket.Send(server.Address, new StunWriter(buffer, StunMethod.Binding, StunClass.Request, id).Written);
        net.Settle();
        Assert.That(mapped, Is.Null);
        Assert.That(server.Requests, Is.EqualTo(2));
    }

    private static NatNet Build(NatOptions options, params TransportAddress[] external) => new(options, external is [] ? [s_external] : external);
}
