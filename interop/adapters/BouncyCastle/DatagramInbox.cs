namespace Ice.BouncyCastle;

/// <summary>
/// Datagrams on their way from an asynchronous receiver to BouncyCastle, which blocks. Bounded; its buffers go round. Thread-safe.
/// </summary>
internal sealed class DatagramInbox(int slots, int maxDatagram)
{
    // Not a Lock: who takes waits on it.
    private readonly object _gate = new();
    private readonly byte[]?[] _buffers = new byte[slots][];
    private readonly int[] _lengths = new int[slots];
    private TaskCompletionSource? _waiter;
    private int _first;
    private int _count;
    private string? _ended;
    private long _dropped;

    /// <summary>How many datagrams were given up: for want of room, too long, or too late.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Keeps a copy.</summary>
    public void Add(ReadOnlySpan<byte> datagram)
    {
        lock (_gate)
        {
            if (_ended is not null || _count == slots || datagram.Length > maxDatagram)
            {
                Interlocked.Increment(ref _dropped);
                return;
            }

            int slot = (_first + _count++) % slots;
            datagram.CopyTo(_buffers[slot] ??= new byte[maxDatagram]);
            _lengths[slot] = datagram.Length;
            Wake();
        }
    }

    /// <summary>Takes the next datagram, or waits for it.</summary>
    /// <param name="buffer">Where it goes; what does not fit is cut off.</param>
    /// <param name="waitMillis">How long to wait, in ms; 0 waits for ever, as BouncyCastle has it.</param>
    /// <returns>Its length in bytes; -1 when the time is over.</returns>
    /// <exception cref="IOException">It has ended.</exception>
    public int Take(Span<byte> buffer, int waitMillis)
    {
        long end = Environment.TickCount64 + waitMillis;
        lock (_gate)
        {
            while (_count == 0)
            {
                if (_ended is not null)
                    throw new IOException(_ended);
                long left = waitMillis == 0 ? Timeout.Infinite : end - Environment.TickCount64;
                if (left == 0 || (left < 0 && waitMillis != 0))
                    return -1;
                _ = Monitor.Wait(_gate, (int)left);
            }

            return TakeFirst(buffer);
        }
    }

    /// <summary>Waits for a datagram without blocking.</summary>
    /// <returns>False when it has ended.</returns>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_count > 0 || _ended is not null)
                    return _count > 0;
                _waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                changed = _waiter.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends it: what was added can still be taken.</summary>
    /// <param name="why">What is thrown then; the first reason counts.</param>
    public void End(string why)
    {
        lock (_gate)
        {
            _ended ??= why;
            Wake();
        }
    }

    private int TakeFirst(Span<byte> buffer)
    {
        ReadOnlySpan<byte> datagram = _buffers[_first].AsSpan(0, _lengths[_first]);
        _first = (_first + 1) % slots;
        _count--;
        int length = Math.Min(datagram.Length, buffer.Length);
        datagram[..length].CopyTo(buffer);
        return length;
    }

    private void Wake()
    {
        Monitor.PulseAll(_gate);
        _waiter?.TrySetResult();
        _waiter = null;
    }
}
