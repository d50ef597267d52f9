using Ice.Core;
using Ice.Testing;
using Stun;

namespace Ice.Tests;

internal sealed class PacingTests
{
    [Test]
    [Rfc(8445, "14.2")]
    public void Agents_of_one_process_share_a_pacer_of_5_ms_per_clock()
    {
        ManualTimeProvider time = new();
        Assert.Multiple(() =>
        {
            Assert.That(ProcessClock.For(time), Is.Not.SameAs(ProcessClock.For(new ManualTimeProvider())));
            Assert.That(ProcessClock.For(time).Pacer.Interval, Is.EqualTo(TimeSpan.FromMilliseconds(5)));
            Assert.That(OptionsValidator.ToCoreOptions(new IceAgentOptions { TimeProvider = time }).Pacer, Is.SameAs(ProcessClock.For(time).Pacer));
        });
    }

    [Test]
    [Rfc(8445, "14.2")]
    public void Ordinary_transactions_of_several_agents_leave_5_ms_apart()
    {
        Pacer pacer = new(TimeSpan.FromMilliseconds(5));
        Instant now = Instant.Zero;
        Assert.That(pacer.TryTake(now, urgent: false, out _), Is.True);
        Assert.That(pacer.TryTake(now, urgent: false, out Instant retryAt), Is.False);
        Assert.That(retryAt - now, Is.EqualTo(TimeSpan.FromMilliseconds(5)));
        Assert.That(pacer.TryTake(retryAt, urgent: false, out _), Is.True);
    }
}
