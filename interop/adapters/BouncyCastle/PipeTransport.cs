using System.Net.Sockets;
using Ice.Net;
using Org.BouncyCastle.Tls;

namespace Ice.BouncyCastle;

/// <summary>A pipe as BouncyCastle's transport. It owns the pipe.</summary>
internal sealed class PipeTransport : DatagramTransport, IAsyncDisposable
{
    private const int Slots = 64;
    // The most that one record holds (RFC 6347 §4.1: 2^14 and what protects it); the system fragments datagrams that are longer than the path's MTU.
    private const int LargestRecord = (1 << 14) + 2048;

    private readonly IDatagramPipe _pipe;
    private readonly DatagramInbox _inbox;
    private readonly CancellationTokenSource _disposing = new();
    private readonly Task _receiving;
    private readonly int _receiveLimit;
    private int _sendLimit;
    private bool _disposed;

    public PipeTransport(IDatagramPipe pipe, int handshakeLimit, int receiveLimit)
    {
        _pipe = pipe;
        _receiveLimit = receiveLimit;
        _sendLimit = handshakeLimit;
        _inbox = new DatagramInbox(Slots, receiveLimit);
        _receiving = ReceiveAsync();
    }

    /// <summary>Whether the last datagram could be sent.</summary>
    public bool Sent { get; private set; }

    /// <summary>Ends the care for the path's MTU, which is for handshakes: from here on it is the application that knows how long its data may be.</summary>
    public void HandshakeDone() => Volatile.Write(ref _sendLimit, LargestRecord);

    /// <summary>Waits for a datagram without blocking; false when there will be none.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _inbox.WaitAsync(cancellationToken);

    public int GetReceiveLimit() => _receiveLimit;

    public int GetSendLimit() => Volatile.Read(ref _sendLimit);

    public int Receive(byte[] buf, int off, int len, int waitMillis) => Receive(buf.AsSpan(off, len), waitMillis);

    public int Receive(Span<byte> buffer, int waitMillis) => _inbox.Take(buffer, waitMillis);

    public void Send(byte[] buf, int off, int len) => Send(buf.AsSpan(off, len));

    public void Send(ReadOnlySpan<byte> buffer) => Sent = _pipe.TrySend(buffer);

    public void Close() => _inbox.End("it was given up");

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        Close();
        await _disposing.CancelAsync().ConfigureAwait(false);
        await _pipe.DisposeAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _disposing.Dispose();
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[ushort.MaxValue];
        try
        {
            while (await _pipe.ReceiveAsync(buffer, _disposing.Token).ConfigureAwait(false) is > 0 and int length)
                _inbox.Add(buffer.AsSpan(0, length));
            _inbox.End("the way to the server ended");
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException or IOException)
        {
            _inbox.End($"the way to the server ended: {exception.Message}");
        }
    }
}
