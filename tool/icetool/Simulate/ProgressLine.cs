using System.Diagnostics;
using System.Globalization;

namespace IceTool.Simulate;

/// <summary>A bar on a terminal that shows how far a long run is; nothing where the output goes elsewhere.</summary>
internal sealed class ProgressLine(TextWriter output, bool visible, long total) : IDisposable
{
    private const int Width = 36;

    private readonly Lock _gate = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _lastShown;

    public void Tell(long done)
    {
        if (!visible)
            return;
        lock (_gate)
        {
            // Ten times a second is enough for the eye.
            if (done < total && _lastShown != 0 && Stopwatch.GetElapsedTime(_lastShown) < TimeSpan.FromMilliseconds(100))
                return;
            _lastShown = Stopwatch.GetTimestamp();
            double share = (double)done / total;
            int filled = (int)(share * Width);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
            TimeSpan left = elapsed / share - elapsed;
            output.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"\r  {new string('█', filled)}{new string('░', Width - filled)} {share,4:P0}  {done:N0} of {total:N0}, {done / elapsed.TotalSeconds:N0}/s, {left:m\\:ss} left "));
            output.Flush();
        }
    }

    public void Dispose()
    {
        if (visible)
            output.Write($"\r{new string(' ', 110)}\r");
    }
}
