using Ice.Testing;

namespace Ice.Core.Tests.Traversal;

[TestFixture]
[Rfc(4787, "4.2")]
internal sealed class PortPatternTests
{
    [TestCase(new[] { 5000, 5001 }, 1, 0)]
    [TestCase(new[] { 5000, 5002, 5004 }, 2, 0, Description = "a NAT that keeps the parity (RFC 4787 §4.2.2)")]
    [TestCase(new[] { 5000, 5003, 5006 }, 3, 0)]
    [TestCase(new[] { 5000, 5010, 5030 }, 10, 1)]
    [TestCase(new[] { 5000, 5001, 5004, 5005 }, 1, 2)]
    [TestCase(new[] { 5000, 4999, 4998 }, -1, 0)]
    public void Ports_that_follow_each_other_closely_are_sequential(int[] ports, int step, int foreign)
    {
        var pattern = PortPattern.Analyze(InOrder(ports));
        Assert.That((pattern.Allocation, pattern.Step, pattern.Foreign), Is.EqualTo((PortAllocation.Sequential, step, foreign)));
        Assert.That(pattern.Predict(3), Is.EqualTo(new[] { ports[^1] + step, ports[^1] + (2 * step), ports[^1] + (3 * step) }));
    }

    [Test]
    public void A_step_that_was_seen_once_may_be_one_of_1_with_others_in_between()
    {
        var pattern = PortPattern.Analyze(InOrder(5000, 5002));
        Assert.That((pattern.Step, pattern.OtherStep, pattern.Foreign), Is.EqualTo((1, 2, 1)));
        Assert.That(pattern.Predict(16), Is.EqualTo(Enumerable.Range(5003, 12).Concat([5016, 5018, 5020, 5022])));
        Assert.That(PortPattern.Analyze(InOrder(5000, 4995)).Predict(8), Is.EqualTo(new[] { 4994, 4993, 4992, 4991, 4990, 4989, 4985, 4980 }));
        Assert.That(PortPattern.Analyze(InOrder(5000, 5001)).OtherStep, Is.Zero);
    }

    [TestCase(new int[0])]
    [TestCase(new[] { 5000 })]
    [TestCase(new[] { 5000, 5000 }, Description = "one mapping, or a reused port")]
    [TestCase(new[] { 5000, 41_234 })]
    [TestCase(new[] { 5000, 5001, 41_234 })]
    [TestCase(new[] { 5000, 5004, 5001 }, Description = "up and down")]
    [TestCase(new[] { 5000, 5033 }, Description = "one port further than is believed")]
    public void Anything_else_is_unpredictable_and_predicts_nothing(int[] ports)
    {
        var pattern = PortPattern.Analyze(InOrder(ports));
        Assert.That((pattern.Allocation, pattern.Step), Is.EqualTo((PortAllocation.Unpredictable, 0)));
        Assert.That(pattern.Predict(100), Is.Empty);
    }

    [Test]
    public void Own_mappings_between_two_samples_are_counted()
    {
        Assert.That(PortPattern.Analyze(new PortSample(0, 5000), new PortSample(2, 5002)).Step, Is.EqualTo(1));
        Assert.That(PortPattern.Analyze(new PortSample(0, 5000), new PortSample(2, 5004)).OtherStep, Is.EqualTo(2));
        Assert.That(PortPattern.Analyze(new PortSample(0, 5000), new PortSample(3, 5090)).Allocation, Is.EqualTo(PortAllocation.Sequential), "30 for each");
        Assert.That(PortPattern.Analyze(new PortSample(0, 5000), new PortSample(5, 5001)).Step, Is.EqualTo(1), "some destinations shared a mapping");
    }

    [Test]
    public void The_order_of_the_samples_is_that_of_their_numbers()
    {
        var pattern = PortPattern.Analyze(new PortSample(7, 5003), new PortSample(5, 5001), new PortSample(6, 5002));
        Assert.That((pattern.Step, pattern.Last), Is.EqualTo((1, new PortSample(7, 5003))));
    }

    [Test]
    public void Ports_beyond_the_range_are_not_predicted()
    {
        Assert.That(PortPattern.Analyze(InOrder(65_533, 65_534)).Predict(5), Is.EqualTo(new[] { 65_535 }));
        Assert.That(PortPattern.Analyze(InOrder(1026, 1025)).Predict(5), Is.EqualTo(new[] { 1024 }));
    }

    [Test]
    public void Of_random_ports_one_pair_in_a_thousand_is_taken_for_sequential()
    {
        var random = new Random(5);
        int wrong = Enumerable.Range(0, 100_000).Count(_ => PortPattern.Analyze(InOrder(random.Next(1024, 65_536), random.Next(1024, 65_536))).Allocation == PortAllocation.Sequential);
        Assert.That(wrong, Is.InRange(50, 150));
    }

    [Test]
    public void A_pattern_says_what_it_is()
    {
        Assert.That(PortPattern.Analyze(InOrder(5000, 5001)).ToString(), Is.EqualTo("sequential step 1"));
        Assert.That(PortPattern.Analyze(InOrder(5000, 5005)).ToString(), Is.EqualTo("sequential step 1 or 5 (4 mapping(s) of others in between)"));
        Assert.That(PortPattern.Analyze(InOrder(5000, 1)).ToString(), Is.EqualTo("unpredictable"));
    }

    private static PortSample[] InOrder(params int[] ports) => [.. ports.Select(static (port, index) => new PortSample(index, port))];
}
