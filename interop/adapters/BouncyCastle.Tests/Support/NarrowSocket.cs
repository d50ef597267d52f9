using System.Net;
using System.Net.Sockets;
using Ice.Net;

namespace Ice.BouncyCastle.Tests;

/// <summary>A real socket on a path that carries less than others.</summary>
internal sealed class NarrowSocket(IPEndPoint local, int pathMtu) : IPathMtuSocket
{
    private readonly PortableUdpSocket _inner = PortableUdpSocket.Bind(local);
    private int _pathMtu = pathMtu;

    public IPathMtuObserver? PathMtuObserver { get; set; }

    public IPEndPoint LocalEndPoint => _inner.LocalEndPoint;

    /// <summary>A router reports that something for an address was too big.</summary>
    public void ReportTooBig(EndPoint destination, int pathMtu)
    {
        Volatile.Write(ref _pathMtu, pathMtu);
        PathMtuObserver?.OnPathMtuLowered(destination.Serialize());
    }

    public int? GetPathMtu(SocketAddress destination) => Volatile.Read(ref _pathMtu);

    public ValueTask<int> ReceiveFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken) =>
        _inner.ReceiveFromAsync(buffer, source, cancellationToken);

    public SocketError TrySendTo(ReadOnlySpan<byte> datagram, SocketAddress destination) => _inner.TrySendTo(datagram, destination);

    public ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, CancellationToken cancellationToken) =>
        _inner.SendToAsync(datagram, destination, cancellationToken);

    public SocketAddress CreateAddress() => _inner.CreateAddress();

    public void Dispose() => _inner.Dispose();
}
