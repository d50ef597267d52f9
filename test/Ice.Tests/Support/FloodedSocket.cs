using System.Net;
using System.Net.Sockets;
using Ice.Net;

namespace Ice.Tests;

/// <summary>A socket that always has another datagram.</summary>
internal sealed class FloodedSocket : IDatagramSocket
{
    private volatile bool _disposed;

    public IPEndPoint LocalEndPoint { get; } = IPEndPoint.Parse("192.0.2.1:50000");

    public ValueTask<int> ReceiveFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        buffer.Span[..10].Fill(99);
        return ValueTask.FromResult(10);
    }

    public SocketError TrySendTo(ReadOnlySpan<byte> datagram, SocketAddress destination) => SocketError.Success;

    public ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public SocketAddress CreateAddress() => new(AddressFamily.InterNetwork);

    public void Dispose() => _disposed = true;
}
