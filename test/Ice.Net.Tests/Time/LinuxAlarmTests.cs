using System.Diagnostics;

namespace Ice.Net.Tests.Time;

[Platform("Linux")]
[CancelAfter(30_000)]
internal sealed class LinuxAlarmTests
{
    [Test]
    public void It_goes_off_when_it_was_set_to_and_not_before()
    {
        using LinuxAlarm alarm = LinuxAlarm.TryCreate()!;
        TimeSpan delay = TimeSpan.FromMilliseconds(20);
        long start = Stopwatch.GetTimestamp();
        alarm.Set(delay);
        alarm.Wait();
        Assert.That(Stopwatch.GetElapsedTime(start), Is.GreaterThanOrEqualTo(delay));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Another_thread_sets_it_for_sooner(bool wasSet, CancellationToken cancellationToken)
    {
        using LinuxAlarm alarm = LinuxAlarm.TryCreate()!;
        alarm.Set(wasSet ? TimeSpan.FromHours(1) : null);
        Task waiting = Task.Factory.StartNew(alarm.Wait, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.That(waiting.IsCompleted, Is.False);
        alarm.Set(TimeSpan.Zero);
        await waiting.WaitAsync(cancellationToken);
    }

    [Test]
    public void What_it_was_set_to_before_is_forgotten()
    {
        using LinuxAlarm alarm = LinuxAlarm.TryCreate()!;
        TimeSpan delay = TimeSpan.FromMilliseconds(20);
        alarm.Set(TimeSpan.Zero);
        long start = Stopwatch.GetTimestamp();
        alarm.Set(delay);
        alarm.Wait();
        Assert.That(Stopwatch.GetElapsedTime(start), Is.GreaterThanOrEqualTo(delay));
    }
}
