using Ice.Net;

namespace Ice;

/// <summary>A TURN server over DTLS, of which the application supplies the implementation.</summary>
internal sealed class DatagramLink(IDatagramPipe pipe, int maxMessage) : RelayLink
{
    private readonly byte[] _buffer = new byte[maxMessage];

    public override bool IsStream => false;

    public override string WhyEnded => "the DTLS association ended";

    public override bool TryWrite(ReadOnlySpan<byte> message) => pipe.TrySend(message);

    public override async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return _buffer.AsMemory(0, await pipe.ReceiveAsync(_buffer, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (FramedStream.IsEnd(exception))
        {
            return default;
        }
    }

    public override ValueTask DisposeAsync() => pipe.DisposeAsync();
}
