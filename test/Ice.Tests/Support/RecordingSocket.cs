using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Ice.Net;

namespace Ice.Tests;

/// <summary>A real socket that remembers with which marks STUN arrived, and that can say what routers would say of a path.</summary>
internal sealed class RecordingSocket(LinuxUdpSocket inner) : IMarkedDatagramSocket, IPathMtuSocket
{
    /// <summary>The first byte of each STUN message, 0 for a request and 1 for a response, with its octet.</summary>
    public ConcurrentQueue<(byte Type, TrafficClass? TrafficClass)> Stun { get; } = [];

    /// <summary>What the path to every address carries.</summary>
    public int PathMtu { get; set; } = 1500;

    public IPEndPoint LocalEndPoint => inner.LocalEndPoint;

    public DatagramMarking Marking => inner.Marking;

    public IPathMtuObserver? PathMtuObserver { get; set; }

    public static RecordingSocket Bind(IPEndPoint endPoint) => new(LinuxUdpSocket.Bind(endPoint));

    /// <summary>A router reports that something for an address was too big.</summary>
    public void ReportTooBig(EndPoint destination, int pathMtu)
    {
        PathMtu = pathMtu;
        PathMtuObserver?.OnPathMtuLowered(destination.Serialize());
    }

    public async ValueTask<ReceivedDatagram> ReceiveMarkedFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken)
    {
        ReceivedDatagram received = await inner.ReceiveMarkedFromAsync(buffer, source, cancellationToken);
        if (LocalTransport.MayBeStun(buffer.Span[..received.Length]))
            Stun.Enqueue((buffer.Span[0], received.TrafficClass));
        return received;
    }

    public async ValueTask<int> ReceiveFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken) =>
        (await ReceiveMarkedFromAsync(buffer, source, cancellationToken)).Length;

    public SocketError TrySendTo(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, SocketAddress destination, TrafficClass? trafficClass) =>
        inner.TrySendTo(header, payload, destination, trafficClass);

    public SocketError TrySendTo(ReadOnlySpan<byte> datagram, SocketAddress destination) => inner.TrySendTo(datagram, destination);

    public ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, TrafficClass? trafficClass, CancellationToken cancellationToken) =>
        inner.SendToAsync(datagram, destination, trafficClass, cancellationToken);

    public ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, CancellationToken cancellationToken) =>
        inner.SendToAsync(datagram, destination, cancellationToken);

    public bool TrySetTrafficClass(TrafficClass trafficClass) => inner.TrySetTrafficClass(trafficClass);

    public int? GetPathMtu(SocketAddress destination) => PathMtu;

    public SocketAddress CreateAddress() => inner.CreateAddress();

    public void Dispose() => inner.Dispose();
}
