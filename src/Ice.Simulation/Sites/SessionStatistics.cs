namespace Ice.Simulation;

/// <summary>What came of many sessions, by pair of kinds: counts and times alone, so that its size does not depend on how many there were.</summary>
/// <remarks>Not thread-safe: give each thread its own, and add them up. The sum does not depend on the order.</remarks>
public sealed class SessionStatistics
{
    /// <summary>How many sessions that the oracle had not expected so are kept.</summary>
    public const int MaxSurprises = 20;

    private const int Ends = 3;

    private readonly long[] _counts;
    private readonly List<SessionResult> _surprises = [];

    /// <summary>Creates empty statistics.</summary>
    /// <param name="kinds">The names of the kinds of sites.</param>
    public SessionStatistics(IReadOnlyList<string> kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        Kinds = kinds;
        _counts = new long[kinds.Count * kinds.Count * Ends];
    }

    /// <summary>The names of the kinds of sites.</summary>
    public IReadOnlyList<string> Kinds { get; }

    /// <summary>The times to connect directly.</summary>
    public TimeHistogram Direct { get; } = new();

    /// <summary>The times to connect through a relay.</summary>
    public TimeHistogram Relayed { get; } = new();

    /// <summary>All times to connect.</summary>
    public TimeHistogram Connected
    {
        get
        {
            var all = new TimeHistogram();
            all.Add(Direct);
            all.Add(Relayed);
            return all;
        }
    }

    /// <summary>The times until both could send data, over a relay or not, of the sessions that connected.</summary>
    public TimeHistogram Data { get; } = new();

    /// <summary>How many sessions probed predicted or guessed ports.</summary>
    public long Probing { get; private set; }

    /// <summary>How many probes all of them sent.</summary>
    public long Probes { get; private set; }

    /// <summary>How many sessions did not end as the oracle had said.</summary>
    public long Unexpected { get; private set; }

    /// <summary>Of those, the ones with the lowest numbers.</summary>
    public IReadOnlyList<SessionResult> Surprises => _surprises;

    /// <summary>How many sessions there were.</summary>
    public long Total => Count(SessionEnd.Direct) + Count(SessionEnd.Relayed) + Count(SessionEnd.Failed);

    /// <summary>How many ended so.</summary>
    public long Count(SessionEnd end)
    {
        long sum = 0;
        for (int i = 0; i < Kinds.Count; i++)
            for (int j = 0; j < Kinds.Count; j++)
                sum += _counts[Index(i, j, end)];
        return sum;
    }

    /// <summary>How many sessions between two kinds, whoever offered, ended so.</summary>
    public long Count(int kind, int other, SessionEnd end) =>
        _counts[Index(kind, other, end)] + (kind == other ? 0 : _counts[Index(other, kind, end)]);

    /// <summary>Counts a session.</summary>
    public void Add(SessionResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        _counts[Index(result.Plan.OffererKind, result.Plan.AnswererKind, result.End)]++;
        if (result.End != SessionEnd.Failed)
            (result.End == SessionEnd.Direct ? Direct : Relayed).Add(result.Time);
        if (result.End != SessionEnd.Failed)
            Data.Add(result.TimeToData ?? result.Time);
        Probes += result.Probes;
        Probing += result.Probes > 0 ? 1 : 0;
        if (result.IsAsExpected)
            return;
        Unexpected++;
        Keep(result);
    }

    /// <summary>Adds all of another one's sessions.</summary>
    public void Add(SessionStatistics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Kinds.Count != Kinds.Count)
            throw new ArgumentException("Only statistics of the same kinds of sites can be added up.", nameof(other));
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        Direct.Add(other.Direct);
        Relayed.Add(other.Relayed);
        Data.Add(other.Data);
        Probing += other.Probing;
        Probes += other.Probes;
        Unexpected += other.Unexpected;
        foreach (SessionResult result in other._surprises)
            Keep(result);
    }

    private int Index(int kind, int other, SessionEnd end) => (((kind * Kinds.Count) + other) * Ends) + (int)end;

    private void Keep(SessionResult result)
    {
        _surprises.Add(result);
        _surprises.Sort(static (a, b) => a.Plan.Index.CompareTo(b.Plan.Index));
        if (_surprises.Count > MaxSurprises)
            _surprises.RemoveAt(MaxSurprises);
    }
}
