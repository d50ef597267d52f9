namespace Stun;

/// <summary>A point on a monotonic time line whose origin is the caller's: the time that protocol machines are told.</summary>
/// <remarks>Resolution is 100 ns. Arithmetic saturates at <see cref="Never"/>, so that "no deadline" stays "no deadline".</remarks>
public readonly record struct Instant : IComparable<Instant>
{
    private readonly long _ticks;

    private Instant(long ticks) => _ticks = ticks;

    /// <summary>The origin of the time line.</summary>
    public static Instant Zero => default;

    /// <summary>Later than every other instant: an idle machine's next deadline.</summary>
    public static Instant Never => new(long.MaxValue);

    /// <summary>Whether this is <see cref="Never"/>.</summary>
    public bool IsNever => _ticks == long.MaxValue;

    /// <summary>The time since the origin; <see cref="TimeSpan.MaxValue"/> for <see cref="Never"/>.</summary>
    public TimeSpan SinceOrigin => new(_ticks);

    /// <summary>The instant that lies <paramref name="sinceOrigin"/> after the origin.</summary>
    public static Instant FromOrigin(TimeSpan sinceOrigin) => new(sinceOrigin.Ticks);

    /// <summary>The earlier of two instants.</summary>
    public static Instant Min(Instant left, Instant right) => left._ticks <= right._ticks ? left : right;

    /// <summary>The later of two instants.</summary>
    public static Instant Max(Instant left, Instant right) => left._ticks >= right._ticks ? left : right;

    /// <summary>Adds a duration; saturates at <see cref="Never"/>.</summary>
    public static Instant operator +(Instant instant, TimeSpan duration)
    {
        if (instant.IsNever)
            return Never;
        long sum = unchecked(instant._ticks + duration.Ticks);
        bool overflow = duration.Ticks > 0 && sum < instant._ticks;
        return overflow ? Never : new Instant(sum);
    }

    /// <summary>Subtracts a duration; <see cref="Never"/> stays.</summary>
    public static Instant operator -(Instant instant, TimeSpan duration) => instant.IsNever ? Never : new Instant(instant._ticks - duration.Ticks);

    /// <summary>The duration from <paramref name="right"/> to <paramref name="left"/>; <see cref="TimeSpan.MaxValue"/> when left is <see cref="Never"/>.</summary>
    public static TimeSpan operator -(Instant left, Instant right) => left.IsNever ? TimeSpan.MaxValue : new TimeSpan(left._ticks - right._ticks);

    /// <summary>Whether <paramref name="left"/> is earlier.</summary>
    public static bool operator <(Instant left, Instant right) => left._ticks < right._ticks;

    /// <summary>Whether <paramref name="left"/> is later.</summary>
    public static bool operator >(Instant left, Instant right) => left._ticks > right._ticks;

    /// <summary>Whether <paramref name="left"/> is not later.</summary>
    public static bool operator <=(Instant left, Instant right) => left._ticks <= right._ticks;

    /// <summary>Whether <paramref name="left"/> is not earlier.</summary>
    public static bool operator >=(Instant left, Instant right) => left._ticks >= right._ticks;

    /// <inheritdoc/>
    public int CompareTo(Instant other) => _ticks.CompareTo(other._ticks);

    /// <inheritdoc/>
    public override string ToString() => IsNever ? "never" : FormattableString.Invariant($"{_ticks / 10_000.0:0.###} ms");
}
