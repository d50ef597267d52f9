namespace Ice;

/// <summary>A timer of a <see cref="TimerWheel"/>: it fires once each time that it is set, on the wheel's thread. Thread-safe.</summary>
internal sealed class WheelTimer(TimerWheel wheel, TimerCallback callback, object? state) : ITimer
{
    /// <summary>The <see cref="Slot"/> of a timer that is not set.</summary>
    public const int NoSlot = -1;

    /// <summary>When it is due, in units of 100 ns. This and what follows belongs to the wheel, which guards it.</summary>
    public long DueAt { get; set; }

    /// <summary>The list that it is in.</summary>
    public int Slot { get; set; } = NoSlot;

    public WheelTimer? Previous { get; set; }

    public WheelTimer? Next { get; set; }

    public bool IsDisposed { get; set; }

    public void Fire() => callback(state);

    /// <inheritdoc/>
    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (period != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(period), period, "A timer of the wheel fires once: set it again.");
        return wheel.Set(this, dueTime);
    }

    /// <inheritdoc/>
    public void Dispose() => wheel.Forget(this);

    /// <summary>Ends when no call is under way, or at once within the call itself.</summary>
    public ValueTask DisposeAsync()
    {
        wheel.Forget(this);
        return wheel.WhenNotFiring(this);
    }
}
