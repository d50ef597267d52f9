namespace Stun.Tests;

internal sealed class InstantTests
{
    [Test]
    public void Never_plus_anything_stays_never() => Assert.That(Instant.Never + TimeSpan.FromSeconds(1), Is.EqualTo(Instant.Never));

    [Test]
    public void Addition_saturates_at_never() => Assert.That(Instant.FromOrigin(TimeSpan.MaxValue - TimeSpan.FromTicks(5)) + TimeSpan.FromSeconds(1), Is.EqualTo(Instant.Never));

    [Test]
    public void Difference_is_the_elapsed_time()
    {
        Instant start = Instant.FromOrigin(TimeSpan.FromSeconds(2));
        Assert.That(start + TimeSpan.FromMilliseconds(7) - start, Is.EqualTo(TimeSpan.FromMilliseconds(7)));
    }
}
