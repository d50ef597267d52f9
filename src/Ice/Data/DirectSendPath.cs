using System.Net;
using System.Net.Sockets;
using Ice.Core;
using Ice.Net;
using Stun;

namespace Ice;

/// <summary>A pair without a relay of ours: a socket and a destination.</summary>
internal sealed class DirectSendPath(LocalTransport transport, SocketAddress destination, PathTraffic traffic, CandidatePairInfo pair) : SendPath(traffic, pair)
{
    private readonly IMarkedDatagramSocket? _marked = transport.Socket as IMarkedDatagramSocket;
    private readonly IBatchDatagramSocket? _batches = transport.Socket as IBatchDatagramSocket;

    public override DatagramMarking Marking => transport.Socket.Marking;

    public override bool TrySend(ReadOnlySpan<byte> datagram, TrafficClass? trafficClass)
    {
        SocketError error = _marked?.TrySendTo([], datagram, destination, trafficClass) ?? transport.Socket.TrySendTo(datagram, destination);
        if (error == SocketError.Success)
        {
            Traffic.CountSent(datagram.Length);
            return true;
        }

        Traffic.CountDiscarded(datagram.Length);
        return error == SocketError.MessageSize ? throw TooLarge(datagram.Length) : false;
    }

    public override int TrySendBatch(ReadOnlySpan<byte> datagrams, int segmentSize, TrafficClass? trafficClass)
    {
        if (_batches is null)
            return base.TrySendBatch(datagrams, segmentSize, trafficClass);
        int sent = _batches.TrySendBatch(datagrams, segmentSize, destination, trafficClass, out SocketError error);
        CountBatch(datagrams.Length, segmentSize, sent);
        return error == SocketError.MessageSize && sent == 0 ? throw TooLarge(Math.Min(segmentSize, datagrams.Length)) : sent;
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> datagram, TrafficClass? trafficClass, CancellationToken cancellationToken)
    {
        ValueTask sending = _marked?.SendToAsync(datagram, destination, trafficClass, cancellationToken)
            ?? transport.Socket.SendToAsync(datagram, destination, cancellationToken);
        if (!sending.IsCompletedSuccessfully)
            return FinishAsync(sending, datagram.Length);
        Complete(sending);
        Traffic.CountSent(datagram.Length);
        return ValueTask.CompletedTask;
    }

    protected override bool GoesTo(LocalTransport from, TransportAddress remote) => from == transport && remote == Pair.Path.Remote;

    protected override int ReadMtu() => Ice.PayloadMtu.Direct(transport.GetPathMtu(destination), Pair.Path.Remote);

    // A task that has ended is looked at once, so that its source can be used again.
    private static void Complete(ValueTask ended) => ended.GetAwaiter().GetResult();

    private async ValueTask FinishAsync(ValueTask sending, int length)
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
            // A datagram that the system refuses (no route, filtered, no room) is a datagram lost on the way: counted, and consent decides.
            Traffic.CountDiscarded(length);
        }
    }
}
