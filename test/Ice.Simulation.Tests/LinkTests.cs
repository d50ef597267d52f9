namespace Ice.Simulation.Tests;

public class LinkTests
{
    private const int Count = 20_000;

    [Test]
    public void A_perfect_link_delivers_everything_once_and_in_order()
    {
        (TestNet _, Endpoint _, Endpoint to) = SendMany(LinkConditions.Perfect);
        Assert.That(Numbers(to), Is.EqualTo(Enumerable.Range(0, Count)));
    }

    [TestCase(0.05)]
    [TestCase(0.30)]
    [TestCase(0.95)]
    public void Random_loss_has_the_rate_it_was_given(double rate)
    {
        (TestNet net, Endpoint from, Endpoint to) = SendMany(new LinkConditions { Loss = LossModel.Random(rate) });
        // Four standard deviations of a binomial distribution: the seed is fixed, so that the test is, too.
        double tolerance = 4 * Math.Sqrt(rate * (1 - rate) / Count);
        Assert.That(1 - ((double)to.Received.Count / Count), Is.EqualTo(rate).Within(tolerance));
        Assert.That(from.Link.Up.Lost, Is.EqualTo(Count - to.Received.Count));
        Assert.That(net.Drops(), Is.All.EqualTo(PacketDropCause.Loss));
    }

    [TestCase(0.05, 4)]
    [TestCase(0.20, 2)]
    public void Gilbert_Elliott_loss_has_its_average_and_its_bursts(double average, double burst)
    {
        var model = LossModel.Bursts(average, burst);
        Assert.That(model.Average, Is.EqualTo(average).Within(1e-12));
        (TestNet _, Endpoint _, Endpoint to) = SendMany(new LinkConditions { Loss = model });
        int[] arrived = [.. Numbers(to)];
        int[] gaps = [.. arrived.Zip(arrived.Skip(1), (a, b) => b - a - 1).Where(static gap => gap > 0)];
        Assert.That(1 - ((double)arrived.Length / Count), Is.EqualTo(average).Within(average * 0.15));
        Assert.That(gaps.Average(), Is.EqualTo(burst).Within(burst * 0.15));
    }

    [Test]
    public void Jitter_alone_delays_and_does_not_reorder()
    {
        (TestNet _, Endpoint _, Endpoint to) = SendMany(new LinkConditions { Jitter = TimeSpan.FromMilliseconds(50) });
        Assert.That(Numbers(to), Is.EqualTo(Enumerable.Range(0, Count)));
    }

    [Test]
    public void Reordering_lets_later_packets_overtake_and_loses_none()
    {
        (TestNet _, Endpoint from, Endpoint to) = SendMany(new LinkConditions { Reorder = 0.1 });
        int[] arrived = [.. Numbers(to)];
        Assert.That(arrived.Order(), Is.EqualTo(Enumerable.Range(0, Count)));
        int overtaken = arrived.Zip(arrived.Skip(1), (a, b) => b < a ? 1 : 0).Sum();
        Assert.That(overtaken, Is.GreaterThan(Count * 0.05).And.LessThan(Count * 0.11));
        Assert.That(from.Link.Up.Reordered, Is.EqualTo(Count * 0.1).Within(Count * 0.01));
    }

    [Test]
    public void Duplication_has_the_rate_it_was_given()
    {
        (TestNet _, Endpoint from, Endpoint to) = SendMany(new LinkConditions { Duplicate = 0.1 });
        Assert.That(to.Received, Has.Count.EqualTo(Count + from.Link.Up.Duplicated));
        Assert.That(from.Link.Up.Duplicated, Is.EqualTo(Count * 0.1).Within(Count * 0.01));
        Assert.That(Numbers(to).Distinct().Count(), Is.EqualTo(Count));
    }

    [Test]
    public void What_is_longer_than_the_MTU_is_dropped()
    {
        var net = new TestNet(1);
        Endpoint a = net.Host("a", net.Internet, "203.0.113.1", new LinkConditions { Mtu = 128 });
        Endpoint b = net.Host("b", net.Internet, "203.0.113.2");
        a.Send(b.Address, new string('x', 100));
        a.Send(b.Address, new string('x', 101));
        net.Settle();
        Assert.That(b.Received.Select(static data => data.Text.Length), Is.EqualTo(new[] { 100 }), "28 bytes are headers");
        Assert.That(net.Drops(), Is.EqualTo(new[] { PacketDropCause.TooBig }));
    }

    [Test]
    public void A_cut_stops_one_direction_or_both_until_it_ends()
    {
        var net = new TestNet(1);
        Endpoint a = net.Host("a", net.Internet, "203.0.113.1");
        Endpoint b = net.Host("b", net.Internet, "203.0.113.2");
        a.Link.Up.IsCut = true;
        a.Send(b.Address, "lost");
        b.Send(a.Address, "arrives");
        net.Settle();
        a.Link.Cut();
        b.Send(a.Address, "lost");
        net.Settle();
        a.Link.Restore();
        a.Send(b.Address, "arrives");
        net.Settle();
        Assert.That(a.Received.Select(static data => data.Text), Is.EqualTo(new[] { "arrives" }));
        Assert.That(b.Received.Select(static data => data.Text), Is.EqualTo(new[] { "arrives" }));
        Assert.That(net.Drops(), Is.EqualTo(new[] { PacketDropCause.LinkCut, PacketDropCause.LinkCut }));
    }

    [Test]
    public void Conditions_change_while_the_network_runs_and_do_not_touch_what_is_on_its_way()
    {
        var net = new TestNet(1);
        Endpoint a = net.Host("a", net.Internet, "203.0.113.1", new LinkConditions { Latency = TimeSpan.FromSeconds(1) });
        Endpoint b = net.Host("b", net.Internet, "203.0.113.2");
        a.Send(b.Address, "slow");
        a.Link.SetConditions(new LinkConditions { Loss = LossModel.Random(1) });
        a.Send(b.Address, "lost");
        net.Network.RunFor(TimeSpan.FromSeconds(2));
        Assert.That(b.Received.Select(static data => data.Text), Is.EqualTo(new[] { "slow" }));
    }

    [Test]
    public void Impossible_probabilities_are_refused()
    {
        Assert.That(static () => LossModel.Random(1.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(static () => LossModel.Random(-0.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(static () => LossModel.Bursts(0.9, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    // One packet every millisecond.
    private static (TestNet Net, Endpoint From, Endpoint To) SendMany(LinkConditions conditions)
    {
        var net = new TestNet(42);
        Endpoint from = net.Host("from", net.Internet, "203.0.113.1", conditions);
        Endpoint to = net.Host("to", net.Internet, "203.0.113.2");
        for (int i = 0; i < Count; i++)
        {
            from.Send(to.Address, i.ToString(System.Globalization.CultureInfo.InvariantCulture));
            net.Network.RunFor(TimeSpan.FromMilliseconds(1));
        }

        net.Settle();
        return (net, from, to);
    }

    private static IEnumerable<int> Numbers(Endpoint endpoint) =>
        endpoint.Received.Select(static data => int.Parse(data.Text, System.Globalization.CultureInfo.InvariantCulture));
}
