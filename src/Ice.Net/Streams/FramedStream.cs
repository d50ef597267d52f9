using System.Net.Sockets;

namespace Ice.Net;

/// <summary>Frames over a TCP or TLS stream: reads them one by one, and queues what is written, so that no writer waits for a slow reader.</summary>
/// <remarks>
/// One read may be pending at a time. Writes may come from any thread; they are copied into a queue of bounded size, and one that does not fit is
/// refused, as a datagram would be. The stream is disposed with this.
/// </remarks>
public sealed class FramedStream : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly FrameBuffer _incoming;
    private readonly int _maxQueued;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _written = new(0, 1);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _writing;
    private byte[] _queue = [];
    private byte[] _sending = [];
    private int _queued;
    private bool _closed;
    private TaskCompletionSource? _drained;

    /// <summary>Takes a stream and begins to write what is queued.</summary>
    /// <param name="stream">The stream; it is disposed with this.</param>
    /// <param name="incoming">The framing and the limits of what is read.</param>
    /// <param name="maxQueued">How many bytes may wait to be written.</param>
    public FramedStream(Stream stream, FrameBuffer incoming, int maxQueued)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(incoming);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxQueued);
        _stream = stream;
        _incoming = incoming;
        _maxQueued = maxQueued;
        _writing = WriteAsync();
    }

    /// <summary>The stream itself: for who goes on without frames after <see cref="DrainAsync"/>.</summary>
    public Stream Stream => _stream;

    /// <summary>What was read beyond the last frame.</summary>
    public ReadOnlyMemory<byte> Remaining => _incoming.Remaining;

    /// <summary>Reads the next frame.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The frame, valid until the next read; empty when the stream has ended, was broken, or carries something else.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_incoming.TryTake(out ReadOnlyMemory<byte> frame))
                return frame;
            if (_incoming.IsBroken)
                return default;
            try
            {
                int count = await _stream.ReadAsync(_incoming.GetFree(), cancellationToken).ConfigureAwait(false);
                if (count == 0)
                    return default;
                _incoming.Advance(count);
            }
            catch (Exception exception) when (IsEnd(exception))
            {
                return default;
            }
        }
    }

    /// <summary>Queues a frame.</summary>
    /// <returns>False when there is no room, or when the stream has ended: the frame is dropped.</returns>
    public bool TryWrite(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_closed || _queued + frame.Length > _maxQueued)
                return false;
            if (_queued + frame.Length > _queue.Length)
                Array.Resize(ref _queue, Math.Min(_maxQueued, Math.Max(2 * _queue.Length, Math.Max(4096, _queued + frame.Length))));
            frame.CopyTo(_queue.AsSpan(_queued));
            _queued += frame.Length;
            if (_written.CurrentCount == 0)
                _ = _written.Release();
        }

        return true;
    }

    /// <summary>Writes what is queued, and ends the queue: from then on the caller writes to <see cref="Stream"/>.</summary>
    public async Task DrainAsync()
    {
        Task drained;
        lock (_gate)
        {
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            drained = _drained.Task;
            if (_closed)
                _ = _drained.TrySetResult();
            _closed = true;
            if (_written.CurrentCount == 0)
                _ = _written.Release();
        }

        await drained.ConfigureAwait(false);
    }

    /// <summary>Closes the stream; what is queued and was not written is lost.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
            _closed = true;
        await _closing.CancelAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _writing.ConfigureAwait(false);
        _closing.Dispose();
        _written.Dispose();
    }

    /// <summary>Whether an exception says that a stream has ended, by whichever side.</summary>
    public static bool IsEnd(Exception exception) => exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException;

    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                await _written.WaitAsync(_closing.Token).ConfigureAwait(false);
                int length = Swap(out bool last);
                if (length > 0)
                    await _stream.WriteAsync(_sending.AsMemory(0, length), _closing.Token).ConfigureAwait(false);
                if (last)
                    return;
            }
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            lock (_gate)
                _closed = true;
        }
        finally
        {
            lock (_gate)
                _ = (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    private int Swap(out bool last)
    {
        lock (_gate)
        {
            int length = _queued;
            (_queue, _sending) = (_sending, _queue);
            _queued = 0;
            last = _closed;
            return length;
        }
    }
}
