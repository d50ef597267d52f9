using System.Net;
using System.Net.Sockets;
using Ice.Net;

namespace Ice.Tests;

/// <summary>Another socket, with a loop that hands over what it receives.</summary>
internal sealed class PushingSocket(IDatagramSocket inner) : IPushDatagramSocket
{
    private Task _loop = Task.CompletedTask;
    private volatile bool _disposed;

    /// <summary>What starting reports in place of starting.</summary>
    public SocketError StartError { get; set; } = SocketError.Success;

    public IPEndPoint LocalEndPoint => inner.LocalEndPoint;

    public Task Completion => _loop;

    public void Start(IDatagramReceiver receiver, int maxDatagramSize, bool trafficClass)
    {
        if (StartError != SocketError.Success)
            throw new SocketException((int)StartError);
        _loop = PushAsync(receiver, maxDatagramSize);
    }

    public ValueTask<int> ReceiveFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken) =>
        inner.ReceiveFromAsync(buffer, source, cancellationToken);

    public SocketError TrySendTo(ReadOnlySpan<byte> datagram, SocketAddress destination) => inner.TrySendTo(datagram, destination);

    public ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, CancellationToken cancellationToken) =>
        inner.SendToAsync(datagram, destination, cancellationToken);

    public SocketAddress CreateAddress() => inner.CreateAddress();

    public void Dispose()
    {
        _disposed = true;
        inner.Dispose();
    }

    private async Task PushAsync(IDatagramReceiver receiver, int maxDatagramSize)
    {
        byte[] buffer = new byte[maxDatagramSize + 1];
        SocketAddress source = CreateAddress();
        while (!_disposed)
        {
            try
            {
                int length = await inner.ReceiveFromAsync(buffer, source, CancellationToken.None);
                receiver.OnDatagram(buffer.AsSpan(0, length), source, null);
            }
            catch (SocketException exception)
            {
                receiver.OnReceiveError(exception.SocketErrorCode);
            }
            catch (Exception exception) when (exception is ObjectDisposedException or System.Threading.Channels.ChannelClosedException)
            {
                return;
            }
        }
    }
}
