using System.Net;
using System.Net.Sockets;
using Stun;
using Turn;

namespace Ice.Server;

/// <summary>Opens the sockets of a server, and says what to try when that fails.</summary>
internal static class ServerSockets
{
    // What is asked of the system as receive buffer: bursts of several clients at once.
    private const int ReceiveBufferSize = 1 << 20;

    public static Socket BindUdp(IPEndPoint endPoint)
    {
        Socket socket = new(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        return Guard(socket, endPoint, "UDP", () =>
        {
            socket.Blocking = false;
            // Windows reports the ICMP error of an earlier datagram on the next receive unless told not to (SIO_UDP_CONNRESET).
            if (OperatingSystem.IsWindows())
                _ = socket.IOControl(unchecked((int)0x9800000C), [0, 0, 0, 0], null);
            socket.ReceiveBufferSize = ReceiveBufferSize;
            socket.Bind(endPoint);
        });
    }

    public static Socket BindRelay(TransportAddress address)
    {
        Socket socket = BindUdp(address.ToIPEndPoint());
        // RFC 8656 §15: "set the DF bit in the outgoing IP header to 0."
        if (address.IsIPv4)
            socket.DontFragment = false;
        return socket;
    }

    public static Socket ListenTcp(IPEndPoint endPoint, bool shared)
    {
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        return Guard(socket, endPoint, "TCP", () =>
        {
            if (shared)
                Share(socket);
            socket.Bind(endPoint);
            socket.Listen(128);
        });
    }

    /// <summary>A socket that connects from the address on which a relay listens.</summary>
    public static Socket BindTcp(TransportAddress local)
    {
        Socket socket = new(local.IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        return Guard(socket, local.ToIPEndPoint(), "TCP", () =>
        {
            Share(socket);
            socket.Bind(local.ToIPEndPoint());
        });
    }

    // The listener and every outgoing connection have the relayed address as theirs (RFC 6062 §5.2). On Unix the framework sets SO_REUSEADDR for a
    // listener and SO_REUSEPORT with this option.
    private static void Share(Socket socket) => socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);

    private static Socket Guard(Socket socket, IPEndPoint endPoint, string transport, Action open)
    {
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            open();
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException(Explain(endPoint, transport, exception), exception);
        }
    }

    private static string Explain(IPEndPoint endPoint, string transport, SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"{transport} {endPoint} is in use by another program: choose another port, or 0 for a free one.",
        SocketError.AddressNotAvailable => $"{transport} {endPoint} cannot be bound: no interface of this machine has that address.",
        SocketError.AccessDenied => $"{transport} {endPoint} may not be bound: ports below 1024 need privileges; choose another, such as 3478.",
        _ => $"{transport} {endPoint} cannot be bound: {exception.Message}",
    };
}
