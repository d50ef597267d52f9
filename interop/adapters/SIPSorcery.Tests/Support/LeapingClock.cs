namespace Ice.SIPSorcery.Tests;

/// <summary>The system's clock, except that it can leap ahead; every timer is then looked at again.</summary>
internal sealed class LeapingClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<(TimerCallback Callback, object? State)> _timers = [];
    private long _leapt;

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _leapt);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
            _timers.Add((callback, state));
        return base.CreateTimer(callback, state, dueTime, period);
    }

    /// <summary>Leaps. The agent's timers are hints to look at the time: they may fire early.</summary>
    public void Leap(TimeSpan duration)
    {
        Interlocked.Add(ref _leapt, (long)(duration.TotalSeconds * TimestampFrequency));
        (TimerCallback, object?)[] timers;
        lock (_gate)
            timers = [.. _timers];
        foreach ((TimerCallback callback, object? state) in timers)
            callback(state);
    }
}
