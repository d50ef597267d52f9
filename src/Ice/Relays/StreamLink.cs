using System.Net.Security;
using Ice.Net;
using Stun;
using Turn;

namespace Ice;

/// <summary>A TURN server over TCP, or TLS over TCP.</summary>
internal sealed class StreamLink : RelayLink
{
    // What may wait for a slow path: about 200 datagrams. More would only make all of them late; what does not fit is dropped and counted.
    private const int MaxQueued = 256 * 1024;

    // For a server that reads no more. Real time, whatever the clock of the agent: it is the system's socket that is waited for.
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    private readonly FrameBuffer _incoming = new(TurnFrame.TryReadLength, TurnFrame.StartLength, StunMessage.MaxLength);
    private readonly FramedStream _frames;

    public StreamLink(Stream stream) => _frames = new FramedStream(stream, _incoming, MaxQueued);

    public override bool IsStream => true;

    public override string WhyEnded => _incoming.IsBroken
        ? "the server sent what is neither STUN nor ChannelData"
        : "the server closed the connection";

    public override bool TryWrite(ReadOnlySpan<byte> message) => _frames.TryWrite(message);

    public override ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken) => _frames.ReadAsync(cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _frames.DrainAsync().WaitAsync(s_farewell).ConfigureAwait(false);
            if (_frames.Stream is SslStream secure)
                await secure.ShutdownAsync().WaitAsync(s_farewell).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException || FramedStream.IsEnd(exception))
        {
            // The server has gone, or does not read: it learns of the end from the closed connection.
        }

        await _frames.DisposeAsync().ConfigureAwait(false);
    }
}
