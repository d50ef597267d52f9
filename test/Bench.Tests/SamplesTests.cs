namespace Bench.Tests;

internal sealed class SamplesTests
{
    [TestCase(50, 3)]
    [TestCase(95, 5)]
    [TestCase(20, 1)]
    [TestCase(21, 2)]
    [TestCase(0, 1)]
    [TestCase(100, 5)]
    public void A_percentile_is_the_sample_of_the_nearest_rank_whatever_the_order(double percent, double expected) =>
        Assert.That(Samples.Percentile([5, 1, 4, 2, 3], percent), Is.EqualTo(expected));

    [Test]
    public void A_percentile_is_between_nothing_and_everything()
    {
        Assert.That(() => Samples.Percentile([1], 101), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Samples.Percentile([], 50), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void The_median_of_an_odd_number_is_the_one_in_the_middle() => Assert.That(Samples.Median([9, 1, 2]), Is.EqualTo(2));

    [Test]
    public void The_median_of_an_even_number_is_the_mean_of_the_two_in_the_middle() => Assert.That(Samples.Median([9, 1, 2, 4]), Is.EqualTo(3));

    [Test]
    public async Task Sides_are_measured_in_turns()
    {
        List<string> order = [];
        IReadOnlyList<IReadOnlyList<double>> all = await Samples.InTurnsAsync(2, Side("a", 1), Side("b", 10));

        Assert.That(order, Is.EqualTo(new[] { "a", "b", "a", "b" }));
        Assert.That(all[0], Is.EqualTo(new[] { 1.0, 1.0 }));
        Assert.That(all[1], Is.EqualTo(new[] { 10.0, 10.0 }));

        Func<Task<IReadOnlyList<double>>> Side(string name, double value) => () =>
        {
            order.Add(name);
            return Task.FromResult<IReadOnlyList<double>>([value]);
        };
    }
}
