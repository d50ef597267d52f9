namespace Ice.Simulation;

/// <summary>How often each time was seen, to the millisecond: of bounded size however many there are, and the same whoever counted first.</summary>
public sealed class TimeHistogram
{
    /// <summary>The longest time that is told apart, in milliseconds.</summary>
    public const int MaxMilliseconds = 60_000;

    private readonly long[] _counts = new long[MaxMilliseconds + 1];

    /// <summary>How many times were added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a time.</summary>
    public void Add(TimeSpan time)
    {
        _counts[(int)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 0, MaxMilliseconds)]++;
        Count++;
    }

    /// <summary>Adds all of another one's.</summary>
    public void Add(TimeHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        Count += other.Count;
    }

    /// <summary>The time within which a share of all lie, rounded up to the millisecond; null when there are none.</summary>
    /// <param name="share">More than 0, up to 1: 0.95 for p95.</param>
    public TimeSpan? Percentile(double share)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(Count * share));
        long seen = 0;
        for (int i = 0; i < _counts.Length && Count > 0; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
                return TimeSpan.FromMilliseconds(i);
        }

        return null;
    }

    /// <summary>The share of all that took no longer than a time; 0 when there are none.</summary>
    public double ShareWithin(TimeSpan time)
    {
        long seen = 0;
        for (int i = 0; i <= Math.Min(time.TotalMilliseconds, MaxMilliseconds); i++)
            seen += _counts[i];
        return Count == 0 ? 0 : (double)seen / Count;
    }
}
