using Stun;

namespace Ice.Simulation.Tests;

public class NetworkTests
{
    [Test]
    public void Events_run_in_the_order_of_their_time_and_then_of_their_scheduling()
    {
        var network = new SimNetwork(1);
        List<int> order = [];
        network.Schedule(TimeSpan.FromSeconds(2), () => order.Add(3));
        network.Schedule(TimeSpan.FromSeconds(1), () => order.Add(1));
        network.Schedule(TimeSpan.FromSeconds(1), () => order.Add(2));
        network.RunFor(TimeSpan.FromSeconds(3));
        Assert.That(order, Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(network.Clock.Elapsed, Is.EqualTo(TimeSpan.FromSeconds(3)));
    }

    [Test]
    public void An_event_for_the_past_runs_now_and_the_clock_never_goes_back()
    {
        var network = new SimNetwork(1);
        network.RunFor(TimeSpan.FromSeconds(5));
        bool ran = false;
        network.Schedule(Instant.Zero, () => ran = true);
        Assert.That(network.Step(), Is.True);
        Assert.That(ran, Is.True);
        Assert.That(network.Now, Is.EqualTo(Instant.FromOrigin(TimeSpan.FromSeconds(5))));
        Assert.That(() => network.Clock.AdvanceTo(Instant.Zero), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => network.Schedule(Instant.Never, static () => { }), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_loop_without_time_going_on_is_found()
    {
        var network = new SimNetwork(1);
        network.Schedule(TimeSpan.Zero, Again);
        Assert.That(() => network.RunFor(TimeSpan.FromSeconds(1)), Throws.InstanceOf<InvariantViolationException>());
        void Again() => network.Schedule(TimeSpan.Zero, Again);
    }

    [Test]
    public void A_flood_of_events_is_found()
    {
        var network = new SimNetwork(1);
        network.Schedule(TimeSpan.Zero, Twice);
        Assert.That(() => network.RunFor(TimeSpan.FromSeconds(100)), Throws.InstanceOf<InvariantViolationException>());
        void Twice()
        {
            network.Schedule(TimeSpan.FromSeconds(1), Twice);
            network.Schedule(TimeSpan.FromSeconds(1), Twice);
        }
    }

    [Test]
    public void SplitMix64_gives_the_published_sequence()
    {
        // The reference implementation's first outputs for seed 1234567.
        var random = new SimRandom(1234567);
        ulong[] drawn = [random.NextUInt64(), random.NextUInt64(), random.NextUInt64(), random.NextUInt64(), random.NextUInt64()];
        Assert.That(drawn, Is.EqualTo(new ulong[]
        {
            6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821,
        }));
    }

    [Test]
    public void Entropy_comes_from_the_seed_alone()
    {
        byte[] first = Draw(7);
        byte[] second = Draw(7);
        byte[] other = Draw(8);
        Assert.That(second, Is.EqualTo(first));
        Assert.That(other, Is.Not.EqualTo(first));
        Assert.That(first.Distinct().Count(), Is.GreaterThan(10), "21 bytes should not be all alike");

        static byte[] Draw(ulong seed)
        {
            byte[] bytes = new byte[21];
            new SimEntropy(new SimRandom(seed)).Fill(bytes);
            return bytes;
        }
    }

    [Test]
    public void Two_hosts_in_one_realm_reach_each_other_after_both_links_latencies()
    {
        var net = new TestNet(1);
        Endpoint a = net.Host("a", net.Internet, "203.0.113.1", new LinkConditions { Latency = TimeSpan.FromMilliseconds(30) });
        Endpoint b = net.Host("b", net.Internet, "203.0.113.2", new LinkConditions { Latency = TimeSpan.FromMilliseconds(12) });
        a.Send(b.Address, "hello");
        net.Network.RunFor(TimeSpan.FromMilliseconds(41.9));
        Assert.That(b.Received, Is.Empty);
        net.Network.RunFor(TimeSpan.FromMilliseconds(0.1));
        Assert.That(b.Received, Is.EqualTo(new[] { (a.Address, "hello") }));
    }

    [Test]
    public void What_has_no_destination_is_dropped_and_says_why()
    {
        var net = new TestNet(1);
        Endpoint a = net.Host("a", net.Internet, "203.0.113.1");
        Endpoint b = net.Host("b", net.Internet, "203.0.113.2");
        a.Send(TransportAddress.Parse("192.168.1.1", 9), "nobody");
        a.Send(b.Address.WithPort(9), "no socket");
        net.Network.RunFor(TimeSpan.FromSeconds(1));
        Assert.That(net.Drops(), Is.EqualTo(new[] { PacketDropCause.NoRoute, PacketDropCause.NoSocket }));
    }

    [Test]
    public void A_host_reaches_its_own_addresses()
    {
        var net = new TestNet(1);
        Endpoint a = net.Host("a", net.Internet, "203.0.113.1");
        a.Send(a.Address, "me");
        Assert.That(a.Received, Is.Empty, "not within the call");
        net.Network.RunFor(TimeSpan.Zero);
        Assert.That(a.Received, Is.EqualTo(new[] { (a.Address, "me") }));
    }

    [Test]
    public void A_closed_socket_receives_nothing_and_its_port_is_free_again()
    {
        var net = new TestNet(1);
        Endpoint a = net.Host("a", net.Internet, "203.0.113.1");
        Endpoint b = net.Host("b", net.Internet, "203.0.113.2");
        b.Socket.Close();
        a.Send(b.Address, "late");
        net.Network.RunFor(TimeSpan.FromSeconds(1));
        Assert.That(b.Received, Is.Empty);
        Assert.That(() => b.Send(a.Address, "x"), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(b.Host.Bind(b.Address).LocalAddress, Is.EqualTo(b.Address));
        Assert.That(() => b.Host.Bind(b.Address), Throws.ArgumentException);
        Assert.That(() => b.Host.Bind(a.Address), Throws.ArgumentException);
    }

    [Test]
    public void One_address_cannot_be_at_two_places_of_a_realm()
    {
        var net = new TestNet(1);
        _ = net.Host("a", net.Internet, "203.0.113.1");
        Assert.That(() => net.Host("b", net.Internet, "203.0.113.1"), Throws.ArgumentException);
    }
}
