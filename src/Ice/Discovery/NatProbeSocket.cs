using System.Net;
using System.Net.Sockets;
using Ice.Net;
using Stun;

namespace Ice;

/// <summary>A socket of a probe, with its receive loop.</summary>
internal sealed class NatProbeSocket : IAsyncDisposable
{
    // More than an MTU: what is longer is no answer to anything that was asked.
    private const int BufferSize = 2048;

    // Errors that repeat without a datagram in between are no echoes of something sent: the socket is gone.
    private const int MaxConsecutiveErrors = 100;

    private readonly CancellationTokenSource _stop = new();
    private readonly IDatagramSocket _socket;
    private readonly SocketAddress _destination;
    private Task _loop = Task.CompletedTask;

    public NatProbeSocket(IDatagramSocket socket)
    {
        _socket = socket;
        _destination = socket.CreateAddress();
        Local = TransportAddress.FromIPAddress(socket.LocalEndPoint.Address, socket.LocalEndPoint.Port);
    }

    public TransportAddress Local { get; }

    /// <summary>Starts the receive loop.</summary>
    public void Start(Action<TransportAddress, ReadOnlySpan<byte>> received) => _loop = Task.Run(() => ReceiveAsync(received, _stop.Token), CancellationToken.None);

    /// <summary>Sends. Called by one thread at a time.</summary>
    public SocketError TrySend(ReadOnlySpan<byte> datagram, TransportAddress destination)
    {
        SocketAddressCodec.Write(destination, _destination, Local.ScopeId);
        return _socket.TrySendTo(datagram, _destination);
    }

    /// <summary>Closes the socket; the receive loop ends.</summary>
    public void Close()
    {
        _stop.Cancel();
        _socket.Dispose();
    }

    /// <summary>Closes the socket and waits for the receive loop.</summary>
    public async ValueTask DisposeAsync()
    {
        Close();
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task ReceiveAsync(Action<TransportAddress, ReadOnlySpan<byte>> received, CancellationToken stopped)
    {
        byte[] buffer = new byte[BufferSize];
        SocketAddress source = _socket.CreateAddress();
        for (int errors = 0; errors < MaxConsecutiveErrors && !stopped.IsCancellationRequested;)
        {
            try
            {
                int length = await _socket.ReceiveFromAsync(buffer, source, stopped).ConfigureAwait(false);
                errors = 0;
                received(SocketAddressCodec.Read(source), buffer.AsSpan(0, length));
            }
            catch (SocketException)
            {
                // An ICMP echo of something sent earlier, or a datagram that was too long: the next one may be good.
                errors++;
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
