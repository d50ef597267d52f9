using System.Diagnostics;

namespace Bench;

/// <summary>Tells how far a long run is, every two seconds at most: printing is not to be measured.</summary>
internal sealed class Progress(TextWriter output)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    private long _last = Stopwatch.GetTimestamp();

    /// <summary>Tells that <paramref name="done"/> of <paramref name="total"/> are done, when it is time to.</summary>
    public void Report(string what, int done, int total)
    {
        if (Stopwatch.GetElapsedTime(_last) < s_interval)
            return;
        _last = Stopwatch.GetTimestamp();
        output.WriteLine($"{what}: {done} of {total}");
    }

    /// <summary>Tells what happens now.</summary>
    public void Report(string what)
    {
        _last = Stopwatch.GetTimestamp();
        output.WriteLine(what);
    }
}
