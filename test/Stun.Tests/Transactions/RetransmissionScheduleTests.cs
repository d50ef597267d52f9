using Ice.Testing;

namespace Stun.Tests;

[Rfc(8489, "6.2.1")]
internal sealed class RetransmissionScheduleTests
{
    [Test]
    public void The_example_of_the_rfc_holds()
    {
        double[] times = [.. Enumerable.Range(0, 7).Select(n => RetransmissionSchedule.Default.SendOffset(n).TotalMilliseconds)];
        Assert.That(times, Is.EqualTo(new double[] { 0, 500, 1500, 3500, 7500, 15500, 31500 }));
        Assert.That(RetransmissionSchedule.Default.TimeoutOffset, Is.EqualTo(TimeSpan.FromMilliseconds(39500)));
    }

    [Test]
    public void Rto_Rc_and_Rm_are_configurable()
    {
        var schedule = new RetransmissionSchedule(TimeSpan.FromMilliseconds(100), Rc: 3, Rm: 4);
        Assert.That(schedule.SendOffset(2), Is.EqualTo(TimeSpan.FromMilliseconds(300)));
        Assert.That(schedule.TimeoutOffset, Is.EqualTo(TimeSpan.FromMilliseconds(700)));
        Assert.That((schedule with { Rm = 1 }).TimeoutOffset, Is.EqualTo(TimeSpan.FromMilliseconds(400)));
    }

    [Test, Rfc(8489, "6.2.2")]
    public void Over_a_reliable_transport_there_is_one_transmission_and_a_timeout_of_39500_ms()
    {
        var schedule = RetransmissionSchedule.Reliable(RetransmissionSchedule.DefaultReliableTimeout);
        Assert.That(schedule.Rc, Is.EqualTo(1));
        Assert.That(schedule.TimeoutOffset, Is.EqualTo(TimeSpan.FromSeconds(39.5)));
    }

    [Test]
    public void Extreme_schedules_saturate_rather_than_wrap() =>
        Assert.That(new RetransmissionSchedule(TimeSpan.FromDays(100_000), Rc: 32).TimeoutOffset, Is.EqualTo(TimeSpan.MaxValue));

    [Test]
    public void Nonsense_is_refused_at_once()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new RetransmissionSchedule(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new RetransmissionSchedule(TimeSpan.FromSeconds(1), Rc: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new RetransmissionSchedule(TimeSpan.FromSeconds(1), Rc: 33));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = RetransmissionSchedule.Default with { Rm = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => RetransmissionSchedule.Default.SendOffset(7));
        Assert.Throws<ArgumentOutOfRangeException>(() => RetransmissionSchedule.Default.SendOffset(-1));
    }
}
