using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Ice.Core;
using Turn;

namespace Ice;

/// <summary>A pair through a TURN server of ours: ChannelData to the server, or a Send indication as long as no channel is bound (RFC 8656 §11, §12).</summary>
internal sealed class RelayedSendPath(
    AgentDriver driver, LocalTransport transport, SocketAddress server, RelayRoute route, PathTraffic traffic, CandidatePairInfo pair) : SendPath(traffic, pair)
{
    public override bool TrySend(ReadOnlySpan<byte> datagram)
    {
        if (route.Channel == 0)
            return Count(driver.TrySendRelayed(Pair.Path, datagram), datagram.Length);
        byte[] frame = ArrayPool<byte>.Shared.Rent(datagram.Length + ChannelData.HeaderLength);
        try
        {
            int length = ChannelData.Write(frame, route.Channel, datagram, stream: false);
            SocketError error = length == 0 ? SocketError.MessageSize : transport.Socket.TrySendTo(frame.AsSpan(0, length), server);
            _ = Count(error == SocketError.Success, datagram.Length);
            return error == SocketError.MessageSize ? throw TooLarge(datagram.Length) : error == SocketError.Success;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancellationToken)
    {
        // The socket's own buffer has room for what goes through a relay nearly always; where it has none, waiting is worth an allocation.
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (route.Channel == 0)
        {
            _ = TrySend(datagram.Span);
            return ValueTask.CompletedTask;
        }

        if (datagram.Length > ChannelData.MaxPayloadLength)
        {
            Traffic.CountDiscarded(datagram.Length);
            return ValueTask.FromException(TooLarge(datagram.Length));
        }

        byte[] frame = ArrayPool<byte>.Shared.Rent(datagram.Length + ChannelData.HeaderLength);
        int length = ChannelData.Write(frame, route.Channel, datagram.Span, stream: false);
        ValueTask sending = transport.Socket.SendToAsync(frame.AsMemory(0, length), server, cancellationToken);
        if (!sending.IsCompletedSuccessfully)
            return FinishAsync(sending, frame, datagram.Length);
        Complete(sending);
        ArrayPool<byte>.Shared.Return(frame);
        Traffic.CountSent(datagram.Length);
        return ValueTask.CompletedTask;
    }

    public override bool TryUnwrap(IcePath path, ReadOnlySpan<byte> datagram, out IcePath inner, out ReadOnlySpan<byte> data) =>
        TryUnwrap(route, path, datagram, out inner, out data);

    private async ValueTask FinishAsync(ValueTask sending, byte[] frame, int length)
    {
        try
        {
            await sending.ConfigureAwait(false);
            Traffic.CountSent(length);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.MessageSize)
        {
            Traffic.CountDiscarded(length);
            throw TooLarge(length);
        }
        catch (SocketException)
        {
            // Lost on the way, as in a direct path.
            Traffic.CountDiscarded(length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    // A task that has ended is looked at once, so that its source can be used again.
    private static void Complete(ValueTask ended) => ended.GetAwaiter().GetResult();

    private bool Count(bool sent, int length)
    {
        if (sent)
            Traffic.CountSent(length);
        else
            Traffic.CountDiscarded(length);
        return sent;
    }
}
