using System.Net;
using System.Net.Sockets;
using Ice.Net;
using Stun;
using Turn;

namespace Ice.Server;

/// <summary>The UDP socket of one relayed address, and its receive loop.</summary>
internal sealed class RelaySocket : IDisposable
{
    private const int MaxConsecutiveErrors = 100;

    // Fairness: after so many datagrams others get their turn.
    private const int MaxBurst = 64;

    private readonly Socket _socket;
    private readonly RelayId _id;
    private readonly ServerDriver _driver;
    private readonly ReceiveBuffers _buffers;
    private readonly SocketAddress _source;
    private readonly bool _hasErrorQueue;
    private readonly Lock _fragmentGate = new();
    private volatile bool _disposed;

    public RelaySocket(Socket socket, RelayId id, ServerDriver driver, ReceiveBuffers buffers)
    {
        _socket = socket;
        _id = id;
        _driver = driver;
        _buffers = buffers;
        _source = new SocketAddress(socket.AddressFamily);
        _hasErrorQueue = IcmpErrorQueue.TryEnable(socket);
    }

    public bool TrySend(ReadOnlySpan<byte> datagram, TransportAddress peer, bool dontFragment)
    {
        if (!dontFragment)
            return UdpSender.TrySend(_socket, datagram, peer) || (TellErrors() && UdpSender.TrySend(_socket, datagram, peer));
        // RFC 8656 §14: "When the server sends a packet to a peer in response to a Send indication containing the DONT-FRAGMENT attribute, then set
        // the outgoing UDP packet to not fragment." The option is the socket's: set for this datagram alone.
        lock (_fragmentGate)
        {
            try
            {
                _socket.DontFragment = true;
                bool sent = UdpSender.TrySend(_socket, datagram, peer);
                _socket.DontFragment = false;
                return sent;
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _socket.Dispose();
    }

    public async Task RunAsync()
    {
        int errors = 0;
        while (!_disposed)
        {
            try
            {
                try
                {
                    // Waits until there is something, and consumes nothing.
                    _ = await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek).ConfigureAwait(false);
                }
                catch (SocketException exception) when (exception.SocketErrorCode == SocketError.MessageSize)
                {
                    // Windows says that it did not fit: so there is something.
                }

                ReceiveBurst();
                errors = 0;
            }
            catch (Exception exception) when (_disposed && exception is ObjectDisposedException or SocketException)
            {
                return;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.WouldBlock || TellErrors() || ++errors < MaxConsecutiveErrors)
            {
                // A datagram with a wrong checksum that the system took back, or an ICMP message.
                continue;
            }
            catch (SocketException)
            {
                _driver.RelayLost(_id);
                return;
            }
        }
    }

    // The system reports an ICMP message as an error of the next send or receive, which then has to be made again.
    private bool TellErrors()
    {
        if (!_hasErrorQueue || _disposed)
            return false;
        bool told = false;
        try
        {
            var destination = new SocketAddress(_socket.AddressFamily);
            for (int count = 0; count < MaxBurst && IcmpErrorQueue.TryTake(_socket, destination, out IcmpError error); count++)
            {
                told = true;
                _driver.HandleIcmp(_id, SocketAddressConverter.ToTransportAddress(destination), new TurnIcmp(error.Type, error.Code, error.Mtu));
            }
        }
        catch (ObjectDisposedException)
        {
            // It was closed meanwhile.
        }

        return told;
    }

    private void ReceiveBurst()
    {
        // A relay that waits holds no buffer: there may be thousands of them.
        byte[] buffer = _buffers.Rent();
        try
        {
            for (int count = 0; count == 0 || (count < MaxBurst && _socket.Available > 0); count++)
            {
                int length = _socket.ReceiveFrom(buffer.AsSpan(TurnServerDefaults.Headroom, ReceiveBuffers.DatagramLength), SocketFlags.None, _source);
                _driver.HandlePeer(_id, SocketAddressConverter.ToTransportAddress(_source), buffer, length);
            }
        }
        finally
        {
            _buffers.Return(buffer);
        }
    }
}
