namespace Ice.Tests;

[TestFixture(true)]
[TestFixture(false)]
public sealed class TimerWheelTests(bool usesAlarm)
{
    [Test]
    public async Task A_timer_fires_once_and_the_thread_ends_with_the_last_timer()
    {
        TimerWheel wheel = new(usesAlarm);
        TaskCompletionSource fired = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int count = 0;
        await using (WheelTimer timer = wheel.Create(_ =>
        {
            Interlocked.Increment(ref count);
            fired.TrySetResult();
        }, null))
        {
            Assert.That(wheel.IsRunning, Is.True, "the thread is there before there is any hurry");
            timer.Change(TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            await fired.Task.WaitAsync(AgentPair.Limit);
        }

        await MemoryPair.EventuallyAsync(() => !wheel.IsRunning);
        Assert.That(count, Is.EqualTo(1));
    }

    [Test]
    public async Task An_earlier_timer_wakes_the_thread_that_waits_for_a_later_one()
    {
        TimerWheel wheel = new(usesAlarm);
        TaskCompletionSource<int> first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WheelTimer late = wheel.Create(_ => first.TrySetResult(1), null);
        await using WheelTimer early = wheel.Create(_ => first.TrySetResult(2), null);
        late.Change(TimeSpan.FromMinutes(5), Timeout.InfiniteTimeSpan);
        early.Change(TimeSpan.FromMilliseconds(2), Timeout.InfiniteTimeSpan);
        Assert.That(await first.Task.WaitAsync(AgentPair.Limit), Is.EqualTo(2));
    }

    [Test]
    public async Task Disposing_waits_for_a_call_that_is_under_way_and_none_comes_after()
    {
        TimerWheel wheel = new(usesAlarm);
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ManualResetEventSlim goOn = new();
        bool ended = false;
        WheelTimer timer = wheel.Create(
            _ =>
            {
                started.TrySetResult();
                goOn.Wait(AgentPair.Limit);
                Volatile.Write(ref ended, true);
            },
            null);
        timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await started.Task.WaitAsync(AgentPair.Limit);
        ValueTask disposing = timer.DisposeAsync();
        Assert.That(disposing.IsCompleted, Is.False);
        goOn.Set();
        await disposing.AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(Volatile.Read(ref ended), Is.True);
        Assert.That(timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan), Is.False);
    }

    [Test]
    public async Task A_call_may_dispose_its_own_timer_and_wait()
    {
        TimerWheel wheel = new(usesAlarm);
        TaskCompletionSource disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        WheelTimer? timer = null;
        timer = wheel.Create(
            _ =>
            {
                timer!.DisposeAsync().AsTask().Wait(AgentPair.Limit);
                disposed.TrySetResult();
            },
            null);
        timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await disposed.Task.WaitAsync(AgentPair.Limit);
        await MemoryPair.EventuallyAsync(() => !wheel.IsRunning);
    }

    [Test]
    public async Task Many_timers_set_from_many_threads_all_fire()
    {
        const int Count = 2000;
        TimerWheel wheel = new(usesAlarm);
        using CountdownEvent left = new(Count);
        WheelTimer[] timers = [.. Enumerable.Range(0, Count).Select(_ => wheel.Create(_ => left.Signal(), null))];
        Parallel.For(0, Count, i => timers[i].Change(TimeSpan.FromMilliseconds(i % 90), Timeout.InfiniteTimeSpan));
        Assert.That(await Task.Run(() => left.Wait(AgentPair.Limit)), Is.True);
        foreach (WheelTimer timer in timers)
            await timer.DisposeAsync();
        await MemoryPair.EventuallyAsync(() => !wheel.IsRunning);
    }
}
