using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Ice.Net;
using Stun;
using Turn;

namespace Ice.Server;

/// <summary>One TCP or TLS stream of a client: its messages, or after ConnectionBind (RFC 6062) its bytes.</summary>
internal sealed class ClientStream : IAsyncDisposable
{
    // What may wait for a client that reads slowly; what does not fit is lost, as with UDP.
    private const int MaxQueued = 256 * 1024;

    private readonly Socket _socket;
    private readonly ServerDriver _driver;
    private readonly TimeProvider _time;
    private readonly TimeSpan _idleTimeout;
    private readonly CancellationTokenSource _closing = new();
    private FramedStream? _frames;
    private Socket? _joined;

    public ClientStream(Socket socket, FiveTuple path, ServerDriver driver, TimeProvider time, TimeSpan idleTimeout)
    {
        _socket = socket;
        _driver = driver;
        _time = time;
        _idleTimeout = idleTimeout;
        Path = path;
    }

    public FiveTuple Path { get; }

    public bool TryWrite(ReadOnlySpan<byte> message) => Volatile.Read(ref _frames)?.TryWrite(message) == true;

    /// <summary>Ends the stream; its loop sees to the rest.</summary>
    public void Close()
    {
        try
        {
            // On another thread: what follows must not run under the driver's lock.
            _ = _closing.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Said from within <see cref="ServerDriver.HandleClient"/>, about the message that the loop has just read.</summary>
    public void Join(Socket? peer) => _joined = peer;

    public async Task RunAsync(SslServerAuthenticationOptions? tls)
    {
        try
        {
            Stream? stream = await SecureAsync(tls).ConfigureAwait(false);
            if (stream is null)
                return;
            var frames = new FramedStream(stream, new FrameBuffer(ServerFrame.TryReadLength, TurnFrame.StartLength, StunMessage.MaxLength), MaxQueued);
            await using (frames.ConfigureAwait(false))
            {
                Volatile.Write(ref _frames, frames);
                await ReadAsync(frames).ConfigureAwait(false);
            }
        }
        finally
        {
            _driver.StreamClosed(this);
            await DisposeAsync().ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync()
    {
        _joined?.Dispose();
        _socket.Dispose();
        _closing.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<Stream?> SecureAsync(SslServerAuthenticationOptions? tls)
    {
        var plain = new NetworkStream(_socket, ownsSocket: false);
        if (tls is null)
            return plain;
        var secure = new SslStream(plain);
        using var patience = new CancellationTokenSource(_idleTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _closing.Token);
        try
        {
            await secure.AuthenticateAsServerAsync(tls, either.Token).ConfigureAwait(false);
            return secure;
        }
        catch (Exception exception) when (exception is AuthenticationException || FramedStream.IsEnd(exception))
        {
            await secure.DisposeAsync().ConfigureAwait(false);
            return null;
        }
    }

    private async Task ReadAsync(FramedStream frames)
    {
        while (true)
        {
            ReadOnlyMemory<byte> frame = await ReadFrameAsync(frames).ConfigureAwait(false);
            if (frame.IsEmpty)
                return;
            _driver.HandleClient(Path, frame.Span);
            if (_joined is { } peer)
            {
                await frames.DrainAsync().ConfigureAwait(false);
                await StreamJoin.CopyAsync(frames, peer, _closing.Token).ConfigureAwait(false);
                return;
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadFrameAsync(FramedStream frames)
    {
        if (_driver.HasAllocation(Path))
            return await frames.ReadAsync(_closing.Token).ConfigureAwait(false);
        using var patience = new CancellationTokenSource(_idleTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _closing.Token);
        return await frames.ReadAsync(either.Token).ConfigureAwait(false);
    }
}
