using System.Buffers;
using Ice.Core;
using Ice.Net;
using Turn;

namespace Ice;

/// <summary>A pair through a TURN server that is reached over a stream: nothing waits, what does not fit its queue is dropped and counted. Nothing is marked.</summary>
internal sealed class StreamedSendPath(AgentDriver driver, RelayLink link, RelayRoute route, PathTraffic traffic, CandidatePairInfo pair)
    : SendPath(traffic, pair)
{
    public override bool TrySend(ReadOnlySpan<byte> datagram, TrafficClass? trafficClass)
    {
        if (datagram.Length > ChannelData.MaxPayloadLength)
        {
            Traffic.CountDiscarded(datagram.Length);
            throw TooLarge(datagram.Length);
        }

        bool sent = route.Channel == 0 ? driver.TrySendRelayed(Pair.Path, datagram, null) : TrySendOnChannel(datagram);
        if (sent)
            Traffic.CountSent(datagram.Length);
        else
            Traffic.CountDiscarded(datagram.Length);
        return sent;
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> datagram, TrafficClass? trafficClass, CancellationToken cancellationToken)
    {
        // As with UDP a datagram may be lost: waiting for a slow stream would only make those after it late.
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        try
        {
            _ = TrySend(datagram.Span, trafficClass);
            return ValueTask.CompletedTask;
        }
        catch (IceException exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    public override bool TryUnwrap(IcePath path, ReadOnlySpan<byte> datagram, out IcePath inner, out ReadOnlySpan<byte> data) =>
        TryUnwrap(route, path, datagram, out inner, out data);

    protected override int ReadMtu() => Ice.PayloadMtu.Relayed(null, isStream: true, route);

    private bool TrySendOnChannel(ReadOnlySpan<byte> datagram)
    {
        byte[] frame = ArrayPool<byte>.Shared.Rent(ChannelData.MessageLength(datagram.Length, link.IsStream));
        int length = ChannelData.Write(frame, route.Channel, datagram, link.IsStream);
        bool written = link.TryWrite(frame.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(frame);
        return written;
    }
}
