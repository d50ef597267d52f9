using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Stun;
using Turn;

namespace Ice.Server;

/// <summary>One UDP socket on which clients reach the server, and its receive loop.</summary>
internal sealed class UdpListener : IDisposable
{
    private const int MaxDatagram = 65535;
    private const int MaxConsecutiveErrors = 100;

    private readonly Socket _socket;
    private readonly ServerDriver _driver;
    private readonly ILogger _logger;
    private volatile bool _disposed;

    public UdpListener(Socket socket, ServerDriver driver, ILogger logger)
    {
        _socket = socket;
        _driver = driver;
        _logger = logger;
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
        Local = TransportAddress.FromIPAddress(EndPoint.Address, EndPoint.Port);
    }

    public IPEndPoint EndPoint { get; }

    public TransportAddress Local { get; }

    public bool TrySend(ReadOnlySpan<byte> datagram, TransportAddress destination) => UdpSender.TrySend(_socket, datagram, destination);

    public void Dispose()
    {
        _disposed = true;
        _socket.Dispose();
    }

    public async Task RunAsync()
    {
        // Pinned once: no receive then needs to pin anything.
        Memory<byte> buffer = GC.AllocateUninitializedArray<byte>(MaxDatagram, pinned: true);
        var source = new SocketAddress(_socket.AddressFamily);
        int errors = 0;
        while (!_disposed)
        {
            try
            {
                int length = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, source).ConfigureAwait(false);
                errors = 0;
                var path = new FiveTuple(StunTransport.Udp, SocketAddressConverter.ToTransportAddress(source), Local);
                _driver.HandleClient(path, buffer.Span[..length]);
            }
            catch (Exception exception) when (_disposed && exception is ObjectDisposedException or SocketException)
            {
                return;
            }
            catch (SocketException exception) when (++errors < MaxConsecutiveErrors)
            {
                // Such as an ICMP error: nothing that ends the service.
                ServerLog.ReceiveFailed(_logger, EndPoint, exception.SocketErrorCode);
            }
            catch (SocketException exception)
            {
                ServerLog.SocketLost(_logger, EndPoint, exception);
                throw new IOException($"The socket {EndPoint} failed {MaxConsecutiveErrors} times in a row and was given up: {exception.Message}", exception);
            }
        }
    }
}
