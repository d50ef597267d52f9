using System.Net;
using System.Net.Sockets;
using Ice.Net;

namespace Ice;

/// <summary>The same over sockets that mark each datagram: an agent's own mark goes with each of its own.</summary>
internal sealed class MarkedMuxSocket(MuxPort port, IMarkedDatagramSocket socket) : MuxSocket(port, socket), IMarkedDatagramSocket, IPathMtuSocket
{
    private TrafficClass? _trafficClass;

    /// <inheritdoc/>
    public override DatagramMarking Marking => socket.Marking;

    /// <inheritdoc/>
    public override bool TrySetTrafficClass(TrafficClass trafficClass)
    {
        if (!socket.Marking.HasFlag(DatagramMarking.SendPerDatagram))
            return false;
        _trafficClass = trafficClass;
        return true;
    }

    /// <inheritdoc/>
    public ValueTask<ReceivedDatagram> ReceiveMarkedFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("A mux hands over what it receives: use Start.");

    /// <inheritdoc/>
    public SocketError TrySendTo(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, SocketAddress destination, TrafficClass? trafficClass) =>
        BeforeSend(header.IsEmpty ? payload : header) ? socket.TrySendTo(header, payload, destination, trafficClass ?? _trafficClass) : SocketError.OperationAborted;

    /// <inheritdoc/>
    public ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, TrafficClass? trafficClass, CancellationToken cancellationToken) =>
        BeforeSend(datagram.Span)
            ? socket.SendToAsync(datagram, destination, trafficClass ?? _trafficClass, cancellationToken)
            : ValueTask.FromException(new ObjectDisposedException(nameof(MuxSocket)));

    /// <inheritdoc/>
    public int? GetPathMtu(SocketAddress destination) => (socket as IPathMtuSocket)?.GetPathMtu(destination);

    protected override SocketError Send(ReadOnlySpan<byte> datagram, SocketAddress destination) => socket.TrySendTo([], datagram, destination, _trafficClass);

    protected override ValueTask SendAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, CancellationToken cancellationToken) =>
        socket.SendToAsync(datagram, destination, _trafficClass, cancellationToken);
}
