using System.Diagnostics;
using Ice.Net;

namespace Ice;

/// <summary>The timers of all agents of the process over the system's clock: one thread, which lives as long as there is a timer. Thread-safe.</summary>
/// <remarks>
/// The framework's timers cost a hop from a thread to the pool for each that fires, and are as exact as a coarse clock (4 ms). Here the
/// consent checks of ten thousand agents wake it sixteen times a second in all, and near deadlines, which pace checks, are met to a millisecond.
/// Where the system has an alarm, setting a timer that is due before all others wakes nobody. What it calls may not block.
/// </remarks>
internal sealed class TimerWheel(bool usesAlarm = true)
{
    private readonly object _gate = new();
    private readonly long _origin = Stopwatch.GetTimestamp();
    private TimerSlots? _slots;
    private WheelTimer? _firing;
    private TaskCompletionSource? _fired;
    private long _sleepsUntil;
    private int _timers;
    private Thread? _thread;
    private LinuxAlarm? _alarm;

    /// <summary>That of the process.</summary>
    public static TimerWheel Shared { get; } = new();

    /// <summary>Whether its thread runs.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_gate)
                return _thread is not null;
        }
    }

    private long Now => Stopwatch.GetElapsedTime(_origin).Ticks;

    /// <summary>A timer of a clock: one of the wheel for the system's, one of its own for any other. It is not set.</summary>
    public static ITimer Create(TimeProvider time, TimerCallback callback, object? state) => ReferenceEquals(time, TimeProvider.System)
        ? Shared.Create(callback, state)
        : time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Makes a timer that is not set; it must be disposed of.</summary>
    public WheelTimer Create(TimerCallback callback, object? state)
    {
        WheelTimer timer = new(this, callback, state);
        lock (_gate)
        {
            _timers++;
            _slots ??= new TimerSlots();
            // Here, and not when the first is set: beginning a thread takes longer than two agents need to connect.
            if (_thread is null)
                StartThread();
        }

        return timer;
    }

    /// <summary>Sets a timer in place of what it was set to.</summary>
    /// <returns>False when it was disposed of.</returns>
    internal bool Set(WheelTimer timer, TimeSpan dueTime)
    {
        lock (_gate)
        {
            if (timer.IsDisposed)
                return false;
            _slots!.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan)
                return true;
            long now = Now;
            _slots.Add(timer, now + Math.Max(dueTime.Ticks, 0), now);
            if (timer.DueAt < _sleepsUntil)
                WakeAt(timer.DueAt, now);
        }

        return true;
    }

    internal void Forget(WheelTimer timer)
    {
        lock (_gate)
        {
            if (timer.IsDisposed)
                return;
            timer.IsDisposed = true;
            _slots?.Remove(timer);
            if (--_timers == 0)
                WakeAt(0, 0);
        }
    }

    internal ValueTask WhenNotFiring(WheelTimer timer)
    {
        lock (_gate)
        {
            if (_firing != timer || _thread == Thread.CurrentThread)
                return ValueTask.CompletedTask;
            _fired ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_fired.Task);
        }
    }

    private void StartThread()
    {
        _sleepsUntil = 0;
        _alarm = usesAlarm ? LinuxAlarm.TryCreate() : null;
        _thread = new Thread(Run) { IsBackground = true, Name = "ICE timers" };
        _thread.UnsafeStart();
    }

    // In whole milliseconds: not to be early, and look in vain.
    private static TimeSpan Rounded(long ticks) => new((ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond);

    private void Run()
    {
        while (TakeDue() is { } due)
            due.Fire();
    }

    /// <summary>Waits for the next timer that is due; null when there is no timer left, and the thread is to end.</summary>
    private WheelTimer? TakeDue()
    {
        lock (_gate)
        {
            _firing = null;
            _fired?.SetResult();
            _fired = null;
            while (_timers > 0)
            {
                long now = Now;
                if (_slots!.TakeDue(now) is { } due)
                {
                    _sleepsUntil = 0;
                    return _firing = due;
                }

                Sleep(_slots.NextAt(), now);
            }

            _alarm?.Dispose();
            _alarm = null;
            _thread = null;
            _slots = null;
            return null;
        }
    }

    /// <summary>Lets go of the gate until a time, or until <see cref="WakeAt"/> says that there is something before.</summary>
    private void Sleep(long until, long now)
    {
        _sleepsUntil = until;
        if (_alarm is null)
        {
            Monitor.Wait(_gate, until == long.MaxValue ? Timeout.InfiniteTimeSpan : Rounded(until - now));
            return;
        }

        _alarm.Set(until == long.MaxValue ? null : Rounded(until - now));
        Monitor.Exit(_gate);
        _alarm.Wait();
        Monitor.Enter(_gate);
    }

    /// <summary>Has the thread awake at a time that is before the one that it sleeps until.</summary>
    private void WakeAt(long time, long now)
    {
        if (_alarm is null)
        {
            Monitor.Pulse(_gate);
            return;
        }

        _sleepsUntil = time;
        _alarm.Set(Rounded(time - now));
    }
}
