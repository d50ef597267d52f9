using System.Diagnostics;

namespace Bench;

/// <summary>
/// An agent's handler that stops the receive loop at the first datagram of a batch until the rest of it has arrived: what is timed is the
/// agent's own work on the rest, on one thread, and none of the sender's.
/// </summary>
internal sealed class Gate(int batch) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly ManualResetEventSlim _reached = new();
    private readonly ManualResetEventSlim _open = new();
    private readonly ManualResetEventSlim _done = new();
    private int _count = -1;
    private long _start;
    private long _end;

    public void Arm()
    {
        _reached.Reset();
        _open.Reset();
        _done.Reset();
        Volatile.Write(ref _count, 0);
    }

    /// <summary>Waits until the first datagram has stopped the receive loop.</summary>
    public void WaitUntilReached() => Require(_reached.Wait(s_limit));

    /// <summary>Lets the receive loop go on.</summary>
    /// <returns>Microseconds for each datagram.</returns>
    public double OpenAndMeasure()
    {
        _open.Set();
        Require(_done.Wait(s_limit));
        return Stopwatch.GetElapsedTime(_start, _end).TotalMicroseconds / batch;
    }

    public void OnDatagram()
    {
        // Before the measurement: what shows that the path works.
        if (Volatile.Read(ref _count) < 0)
            return;
        _count++;
        if (_count == 1)
        {
            _reached.Set();
            Require(_open.Wait(s_limit));
            _start = Stopwatch.GetTimestamp();
        }
        else if (_count == batch + 1)
        {
            _end = Stopwatch.GetTimestamp();
            Volatile.Write(ref _count, -1);
            _done.Set();
        }
    }

    public void Dispose()
    {
        _reached.Dispose();
        _open.Dispose();
        _done.Dispose();
    }

    private static void Require(bool happened)
    {
        if (!happened)
            throw new TimeoutException("A batch did not arrive as a whole within 10 s: the system's socket buffers are too small, or the path was lost.");
    }
}
