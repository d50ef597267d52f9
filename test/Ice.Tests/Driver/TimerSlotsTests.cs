namespace Ice.Tests;

public sealed class TimerSlotsTests
{
    private static readonly TimerWheel s_wheel = new();

    [Test]
    public void Timers_come_out_when_they_are_due_and_not_before_over_random_times_removals_and_pauses()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        TimerSlots slots = new();
        Dictionary<WheelTimer, (long DueAt, long Latest)> set = [];
        long now = random.Next(100_000_000);
        for (int step = 0; step < 50_000; step++)
        {
            switch (random.Next(4))
            {
                case 0 or 1:
                    WheelTimer timer = NewTimer();
                    // From at once to several rounds of the ring.
                    long dueAt = now + (long)(Math.Pow(random.NextDouble(), 4) * TimeSpan.FromSeconds(20).Ticks);
                    slots.Add(timer, dueAt, now);
                    // Near ones exactly, far ones a 32nd of their distance later at most, and never more than 64 ms.
                    set.Add(timer, (dueAt, dueAt + Math.Min((dueAt - now) / 32, 64 * TimeSpan.TicksPerMillisecond)));
                    break;
                case 2 when set.Count > 0:
                    WheelTimer removed = set.Keys.ElementAt(random.Next(set.Count));
                    slots.Remove(removed);
                    set.Remove(removed);
                    break;
                default:
                    now += random.Next(20) == 0 ? random.NextInt64(TimeSpan.FromSeconds(9).Ticks) : random.Next(50_000);
                    break;
            }

            while (slots.TakeDue(now) is { } due)
            {
                Assert.That(set.Remove(due, out (long DueAt, long Latest) times), Is.True, $"step {step}: what comes out was set");
                Assert.That(now, Is.GreaterThanOrEqualTo(times.DueAt), $"step {step}: not early");
            }

            Assert.That(set.Values.Where(times => times.Latest <= now), Is.Empty, $"step {step}: none is left behind");
            long next = slots.NextAt();
            Assert.That(next, Is.GreaterThan(now), $"step {step}");
            if (set.Count > 0)
                Assert.That(next, Is.LessThanOrEqualTo(set.Values.Min(static times => times.Latest)), $"step {step}");
            else
                Assert.That(next, Is.EqualTo(long.MaxValue), $"step {step}");
        }
    }

    [Test]
    public void Near_deadlines_are_met_to_the_tick()
    {
        TimerSlots slots = new();
        WheelTimer timer = NewTimer();
        slots.Add(timer, 1_050_123, 1_000_000);
        Assert.That(slots.TakeDue(1_050_122), Is.Null);
        Assert.That(slots.NextAt(), Is.EqualTo(1_050_123));
        Assert.That(slots.TakeDue(1_050_123), Is.SameAs(timer));
        Assert.That(slots.NextAt(), Is.EqualTo(long.MaxValue));
    }

    [Test]
    public void Far_deadlines_share_their_wakings()
    {
        TimerSlots slots = new();
        for (int i = 0; i < 1000; i++)
            slots.Add(NewTimer(), TimeSpan.FromSeconds(4).Ticks + (i * TimeSpan.FromSeconds(2).Ticks / 1000), 0);
        HashSet<long> wakings = [];
        int taken = 0;
        long now;
        for (now = slots.NextAt(); now != long.MaxValue; now = slots.NextAt())
        {
            while (slots.TakeDue(now) is not null)
            {
                taken++;
                wakings.Add(now);
            }
        }

        Assert.That(taken, Is.EqualTo(1000));
        Assert.That(wakings, Has.Count.LessThanOrEqualTo((2000 / 64) + 2));
    }

    [Test]
    public void A_timer_that_is_due_but_was_not_taken_yet_can_be_removed_and_set_again()
    {
        TimerSlots slots = new();
        WheelTimer[] timers = [NewTimer(), NewTimer(), NewTimer()];
        foreach (WheelTimer timer in timers)
            slots.Add(timer, 10_000, 0);
        WheelTimer first = slots.TakeDue(20_000)!;
        WheelTimer[] others = [.. timers.Where(timer => timer != first)];
        slots.Remove(others[0]);
        Assert.That(slots.TakeDue(20_000), Is.SameAs(others[1]));
        slots.Add(others[0], 30_000, 20_000);
        Assert.That(slots.TakeDue(20_000), Is.Null);
        Assert.That(slots.TakeDue(30_000), Is.SameAs(others[0]));
    }

    private static WheelTimer NewTimer() => new(s_wheel, static _ => { }, null);
}
