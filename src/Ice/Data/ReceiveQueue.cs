using System.Threading.Tasks.Sources;
using Ice.Net;
using Stun;

namespace Ice;

/// <summary>A component's received datagrams: bounded, with one reusable waiting receive. Thread-safe; allocates nothing in steady state.</summary>
internal sealed class ReceiveQueue : IValueTaskSource<IceReceiveResult>
{
    private const int UsualSize = 2048;

    private readonly Lock _gate = new();
    // Both are made with the first datagram that has to wait.
    private Queue<Entry>? _entries;
    // Last in, first out: as long as the reader keeps up the same one or two buffers go round.
    private Stack<byte[]>? _spare;
    private readonly int _slots;
    private readonly bool _dropOldest;
    private ManualResetValueTaskSourceCore<IceReceiveResult> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private Memory<byte> _waitingBuffer;
    private bool _waiting;
    private bool _busy;
    private bool _closed;
    private volatile bool _passThrough;
    private long _overflows;

    public ReceiveQueue(int slots, bool dropOldest)
    {
        _slots = slots;
        _dropOldest = dropOldest;
    }

    /// <summary>Whether <see cref="Drain"/> has ended: datagrams go straight to the handler.</summary>
    public bool IsPassThrough => _passThrough;

    /// <summary>How many datagrams were given up for want of room.</summary>
    public long Overflows => Interlocked.Read(ref _overflows);

    /// <summary>How many datagrams wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _entries?.Count ?? 0;
        }
    }

    /// <summary>Whether a receive waits.</summary>
    public bool HasReader
    {
        get
        {
            lock (_gate)
                return _busy;
        }
    }

    /// <summary>Hands a datagram to the waiting receive, or keeps a copy.</summary>
    /// <returns>False when datagrams go straight to the handler.</returns>
    public bool Enqueue(ReadOnlySpan<byte> datagram, TransportAddress remote, TrafficClass? trafficClass = null)
    {
        lock (_gate)
        {
            if (_passThrough)
                return false;
            if (_closed)
                return true;
            if (_waiting)
            {
                _waiting = false;
                IceReceiveResult result = CopyTo(_waitingBuffer.Span, datagram, remote, trafficClass);
                _waitingBuffer = default;
                _source.SetResult(result);
                return true;
            }

            _entries ??= new Queue<Entry>();
            _spare ??= new Stack<byte[]>();
            if (_entries.Count == _slots)
            {
                Interlocked.Increment(ref _overflows);
                if (!_dropOldest)
                    return true;
                _spare.Push(_entries.Dequeue().Buffer);
            }

            byte[] buffer = _spare.TryPop(out byte[]? spare) && spare.Length >= datagram.Length ? spare : new byte[Math.Max(UsualSize, datagram.Length)];
            datagram.CopyTo(buffer);
            _entries.Enqueue(new Entry(buffer, datagram.Length, remote, trafficClass));
            return true;
        }
    }

    /// <summary>Takes the next datagram, or waits for one.</summary>
    /// <exception cref="InvalidOperationException">Another receive waits.</exception>
    /// <exception cref="ObjectDisposedException">The agent was disposed.</exception>
    public ValueTask<IceReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<IceReceiveResult>(cancellationToken);
        short version;
        lock (_gate)
        {
            if (_busy)
                throw new InvalidOperationException("Another ReceiveAsync of this component is still waiting: await it first, one receive at a time.");
            ObjectDisposedException.ThrowIf(_closed, typeof(IceAgent));
            if (TryTake(buffer.Span, out IceReceiveResult result))
                return ValueTask.FromResult(result);
            _source.Reset();
            _waitingBuffer = buffer;
            _waiting = true;
            _busy = true;
            version = _source.Version;
        }

        // Outside the lock: a token that is canceled just now calls back at once.
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static (state, token) => ((ReceiveQueue)state!).Cancel(token), this);
        return new ValueTask<IceReceiveResult>(this, version);
    }

    /// <summary>Hands every waiting datagram to a handler, oldest first; what arrives meanwhile too. From then on nothing is queued.</summary>
    public void Drain(Action<ReadOnlySpan<byte>, TransportAddress, TrafficClass?> handler)
    {
        while (true)
        {
            Entry entry;
            lock (_gate)
            {
                if (_entries is null || !_entries.TryDequeue(out entry))
                {
                    _passThrough = true;
                    return;
                }
            }

            handler(entry.Buffer.AsSpan(0, entry.Length), entry.Remote, entry.TrafficClass);
            lock (_gate)
                _spare?.Push(entry.Buffer);
        }
    }

    /// <summary>Queues again, after <see cref="Drain"/>.</summary>
    public void Resume() => _passThrough = false;

    /// <summary>Ends the waiting receive with <see cref="ObjectDisposedException"/> and refuses everything further.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _entries = null;
            _spare = null;
            if (!_waiting)
                return;
            _waiting = false;
            _waitingBuffer = default;
            _source.SetException(new ObjectDisposedException(nameof(IceAgent)));
        }
    }

    IceReceiveResult IValueTaskSource<IceReceiveResult>.GetResult(short token)
    {
        // Waits for a cancellation callback that runs just now, so that it cannot end the next receive.
        _registration.Dispose();
        _registration = default;
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            lock (_gate)
                _busy = false;
        }
    }

    ValueTaskSourceStatus IValueTaskSource<IceReceiveResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<IceReceiveResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken token)
    {
        lock (_gate)
        {
            if (!_waiting)
                return;
            _waiting = false;
            _waitingBuffer = default;
            _source.SetException(new OperationCanceledException(token));
        }
    }

    private bool TryTake(Span<byte> destination, out IceReceiveResult result)
    {
        if (_entries is null || !_entries.TryDequeue(out Entry entry))
        {
            result = default;
            return false;
        }

        result = CopyTo(destination, entry.Buffer.AsSpan(0, entry.Length), entry.Remote, entry.TrafficClass);
        _spare!.Push(entry.Buffer);
        return true;
    }

    private static IceReceiveResult CopyTo(Span<byte> destination, ReadOnlySpan<byte> datagram, TransportAddress remote, TrafficClass? trafficClass)
    {
        int length = Math.Min(destination.Length, datagram.Length);
        datagram[..length].CopyTo(destination);
        return new IceReceiveResult(length, datagram.Length, remote) { TrafficClass = trafficClass };
    }

    private readonly record struct Entry(byte[] Buffer, int Length, TransportAddress Remote, TrafficClass? TrafficClass);
}
