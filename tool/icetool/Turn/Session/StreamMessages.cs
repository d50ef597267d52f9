using System.Net;
using Ice.Net;
using Turn;

namespace IceTool.Turn;

/// <summary>Messages over TCP or TLS, cut from the stream by the lengths that they begin with.</summary>
internal sealed class StreamMessages(ServerStream connection) : ITurnMessages
{
    // A STUN message has 65,555 bytes at most, and ChannelData no more.
    private const int MaxLength = 20 + ushort.MaxValue;

    private readonly FrameBuffer _frames = new(TurnFrame.TryReadLength, TurnFrame.StartLength, MaxLength);

    public IPEndPoint Local => connection.Local;

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => connection.Stream.WriteAsync(message, cancellationToken);

    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_frames.TryTake(out ReadOnlyMemory<byte> message))
                return message;
            if (_frames.IsBroken)
                throw new IOException("what came is neither STUN nor ChannelData: this is no TURN server, or it expects TLS.");
            int count = await connection.Stream.ReadAsync(_frames.GetFree(), cancellationToken).ConfigureAwait(false);
            if (count == 0)
                return default;
            _frames.Advance(count);
        }
    }

    public ValueTask DisposeAsync() => connection.Stream.DisposeAsync();
}
