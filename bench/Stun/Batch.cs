namespace Bench;

/// <summary>One way to do an operation of some hundred nanoseconds: many at a time, so that the clock does not count.</summary>
/// <remarks>It is the processor's time that is measured, since the machine may have more to do than this.</remarks>
/// <param name="run">Does so many, and says whether all came out right.</param>
internal sealed class Batch(Func<int, bool> run)
{
    /// <summary>How many operations are timed together: one to four milliseconds, some thousand times the clock's resolution.</summary>
    public const int Operations = 4000;

    private const int WarmUps = 50;

    private readonly List<double> _nanoseconds = [];

    /// <summary>The median time of the processor for an operation, in nanoseconds.</summary>
    public double Median => Samples.Median(_nanoseconds);

    /// <summary>Bytes allocated per operation.</summary>
    public double Allocated { get; private set; }

    /// <summary>Gives the compiler time to do its best, and counts what is allocated then.</summary>
    public async Task WarmUpAsync()
    {
        for (int i = 0; i < WarmUps; i++)
        {
            _ = Once();
            // The compiler works on another thread, and begins when it has had nothing to do for a while.
            await Task.Delay(5);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = Once();
        Allocated = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Operations;
    }

    /// <summary>Measures once.</summary>
    public void Measure() => _nanoseconds.Add(Once());

    private double Once()
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        bool right = run(Operations);
        double nanoseconds = (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / Operations;
        return right ? nanoseconds : throw new BenchException("An operation came out wrong: this is a fault of the library or of the benchmark.");
    }
}
