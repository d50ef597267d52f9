using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>A UDP socket of its own, connected to one remote address.</summary>
public sealed class UdpPipe : IDatagramPipe
{
    // As in the agent's own sockets: echoes of ICMP about what was sent earlier can come from anybody and end nothing by themselves.
    private const int MaxConsecutiveErrors = 100;

    private readonly Socket _socket;

    private UdpPipe(Socket socket) => _socket = socket;

    /// <summary>Binds and connects a socket.</summary>
    /// <param name="local">The address to bind; the system chooses the port.</param>
    /// <param name="remote">The remote address and port.</param>
    /// <exception cref="SocketException">The system refuses.</exception>
    public static UdpPipe Connect(IPAddress local, IPEndPoint remote)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(remote);
        var socket = new Socket(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(local, 0));
            socket.Connect(remote);
            socket.Blocking = false;
            return new UdpPipe(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TrySend(ReadOnlySpan<byte> datagram)
    {
        try
        {
            _ = _socket.Send(datagram, SocketFlags.None, out SocketError error);
            return error == SocketError.Success;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        for (int errors = 0; errors < MaxConsecutiveErrors; errors++)
        {
            try
            {
                int length = await _socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (length > 0)
                    return length;
            }
            catch (SocketException) when (!cancellationToken.IsCancellationRequested)
            {
                // Counted by the loop.
            }
            catch (ObjectDisposedException)
            {
                return 0;
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
