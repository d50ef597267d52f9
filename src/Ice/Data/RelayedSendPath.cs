using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Ice.Core;
using Ice.Net;
using Stun;
using Turn;

namespace Ice;

/// <summary>A pair through a TURN server of ours: ChannelData to the server, or a Send indication as long as no channel is bound (RFC 8656 §11, §12).</summary>
/// <remarks>A traffic class marks the packets to the server; RFC 8656 §14 leaves it to the server whether those to the peer have it too.</remarks>
internal sealed class RelayedSendPath(
    AgentDriver driver, LocalTransport transport, SocketAddress server, RelayRoute route, PathTraffic traffic, CandidatePairInfo pair) : SendPath(traffic, pair)
{
    // What is framed at a time: as much as the system takes with one call.
    private const int BatchLength = 64_000;

    private readonly IMarkedDatagramSocket? _marked = transport.Socket as IMarkedDatagramSocket;
    private readonly IBatchDatagramSocket? _batches = transport.Socket as IBatchDatagramSocket;

    public override DatagramMarking Marking => transport.Socket.Marking;

    public override bool TrySend(ReadOnlySpan<byte> datagram, TrafficClass? trafficClass)
    {
        if (route.Channel == 0)
            return Count(driver.TrySendRelayed(Pair.Path, datagram, trafficClass), datagram.Length);
        SocketError error = TrySendOnChannel(datagram, trafficClass);
        _ = Count(error == SocketError.Success, datagram.Length);
        return error == SocketError.MessageSize ? throw TooLarge(datagram.Length) : error == SocketError.Success;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// RFC 8656 §12.5: "Over UDP, the padding is not required but MAY be included." Without it the frames of datagrams of one length are of one
    /// length too, and the last may be shorter.
    /// </remarks>
    public override int TrySendBatch(ReadOnlySpan<byte> datagrams, int segmentSize, TrafficClass? trafficClass)
    {
        if (_batches is null || route.Channel == 0 || segmentSize > BatchLength / 2 || datagrams.Length <= segmentSize)
            return base.TrySendBatch(datagrams, segmentSize, trafficClass);
        int frameSize = segmentSize + ChannelData.HeaderLength;
        int atOnce = BatchLength / frameSize;
        byte[] frames = ArrayPool<byte>.Shared.Rent(Math.Min(atOnce, (datagrams.Length / segmentSize) + 1) * frameSize);
        int length = datagrams.Length;
        int sent = 0;
        SocketError error = SocketError.Success;
        while (!datagrams.IsEmpty && error == SocketError.Success)
        {
            ReadOnlySpan<byte> part = datagrams[..Math.Min(datagrams.Length, atOnce * segmentSize)];
            sent += _batches.TrySendBatch(frames.AsSpan(0, Frame(part, segmentSize, frames)), frameSize, server, trafficClass, out error);
            datagrams = datagrams[part.Length..];
        }

        ArrayPool<byte>.Shared.Return(frames);
        CountBatch(length, segmentSize, sent);
        return error == SocketError.MessageSize && sent == 0 ? throw TooLarge(segmentSize) : sent;
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> datagram, TrafficClass? trafficClass, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (route.Channel == 0)
        {
            _ = TrySend(datagram.Span, trafficClass);
            return ValueTask.CompletedTask;
        }

        // The socket's own buffer has room for what goes through a relay nearly always; where it has none, waiting is worth a copy.
        SocketError error = TrySendOnChannel(datagram.Span, trafficClass);
        if (error == SocketError.WouldBlock)
            return WaitAndSendAsync(datagram, trafficClass, cancellationToken);
        _ = Count(error == SocketError.Success, datagram.Length);
        return error == SocketError.MessageSize ? ValueTask.FromException(TooLarge(datagram.Length)) : ValueTask.CompletedTask;
    }

    public override bool TryUnwrap(IcePath path, ReadOnlySpan<byte> datagram, out IcePath inner, out ReadOnlySpan<byte> data) =>
        TryUnwrap(route, path, datagram, out inner, out data);

    protected override bool GoesTo(LocalTransport from, TransportAddress remote) => from == transport && remote == route.Server.Remote;

    protected override int ReadMtu() => Ice.PayloadMtu.Relayed(transport.GetPathMtu(server), isStream: false, route);

    private int Frame(ReadOnlySpan<byte> datagrams, int segmentSize, byte[] frames)
    {
        int position = 0;
        while (!datagrams.IsEmpty)
        {
            int length = Math.Min(datagrams.Length, segmentSize);
            position += ChannelData.Write(frames.AsSpan(position), route.Channel, datagrams[..length], stream: false);
            datagrams = datagrams[length..];
        }

        return position;
    }

    private SocketError TrySendOnChannel(ReadOnlySpan<byte> datagram, TrafficClass? trafficClass)
    {
        if (datagram.Length > ChannelData.MaxPayloadLength)
            return SocketError.MessageSize;
        if (_marked is { } socket)
        {
            Span<byte> header = stackalloc byte[ChannelData.HeaderLength];
            ChannelData.WriteHeader(header, route.Channel, datagram.Length);
            return socket.TrySendTo(header, datagram, server, trafficClass);
        }

        byte[] frame = ArrayPool<byte>.Shared.Rent(datagram.Length + ChannelData.HeaderLength);
        int length = ChannelData.Write(frame, route.Channel, datagram, stream: false);
        SocketError error = transport.Socket.TrySendTo(frame.AsSpan(0, length), server);
        ArrayPool<byte>.Shared.Return(frame);
        return error;
    }

    private async ValueTask WaitAndSendAsync(ReadOnlyMemory<byte> datagram, TrafficClass? trafficClass, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(datagram.Length + ChannelData.HeaderLength);
        try
        {
            Memory<byte> frame = buffer.AsMemory(0, ChannelData.Write(buffer, route.Channel, datagram.Span, stream: false));
            if (_marked is { } socket)
                await socket.SendToAsync(frame, server, trafficClass, cancellationToken).ConfigureAwait(false);
            else
                await transport.Socket.SendToAsync(frame, server, cancellationToken).ConfigureAwait(false);
            Traffic.CountSent(datagram.Length);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.MessageSize)
        {
            Traffic.CountDiscarded(datagram.Length);
            throw TooLarge(datagram.Length);
        }
        catch (SocketException)
        {
            // Lost on the way, as in a direct path.
            Traffic.CountDiscarded(datagram.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool Count(bool sent, int length)
    {
        if (sent)
            Traffic.CountSent(length);
        else
            Traffic.CountDiscarded(length);
        return sent;
    }
}
