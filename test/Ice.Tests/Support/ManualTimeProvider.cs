namespace Ice.Tests;

/// <summary>A clock that moves when a test says so, and runs the timers that are due meanwhile, in order, on the test's thread.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private long _now;
    private int _changes;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers exist.</summary>
    public int TimerCount
    {
        get
        {
            lock (_gate)
                return _timers.Count;
        }
    }

    /// <summary>How often a timer was armed or disarmed.</summary>
    public int TimerChanges => Volatile.Read(ref _changes);

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ManualTimer timer = new(this, callback, state);
        lock (_gate)
            _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock, stopping at each timer on the way.</summary>
    public void Advance(TimeSpan duration)
    {
        long end = GetTimestamp() + duration.Ticks;
        while (TakeDue(end) is { } due)
            due.Fire();
        Interlocked.Exchange(ref _now, end);
    }

    private ManualTimer? TakeDue(long end)
    {
        lock (_gate)
        {
            ManualTimer? next = _timers.Where(timer => timer.DueAt <= end).MinBy(static timer => timer.DueAt);
            if (next is null)
                return null;
            Interlocked.Exchange(ref _now, Math.Max(_now, next.DueAt));
            next.DueAt = long.MaxValue;
            return next;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider time, TimerCallback callback, object? state) : ITimer
    {
        public long DueAt { get; set; } = long.MaxValue;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Assert.That(period, Is.EqualTo(Timeout.InfiniteTimeSpan), "this clock has one-shot timers only");
            lock (time._gate)
            {
                Interlocked.Increment(ref time._changes);
                DueAt = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time.GetTimestamp() + dueTime.Ticks;
                return true;
            }
        }

        public void Dispose()
        {
            lock (time._gate)
                time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
