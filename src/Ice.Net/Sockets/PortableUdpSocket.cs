using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>A UDP socket on one local address, over the framework's <see cref="Socket"/>. Allocates nothing per datagram.</summary>
/// <remarks>
/// Only the <see cref="SocketAddress"/> overloads are used: those with an EndPoint allocate at each datagram. One socket per local address
/// makes the destination of what arrives known without asking the system for packet information, which allocates too.
/// </remarks>
public sealed class PortableUdpSocket : IDatagramSocket
{
    /// <summary>What is asked of the system as receive buffer: a burst of 1,200-byte datagrams of some 10 ms at 500 Mbit/s.</summary>
    public const int ReceiveBufferSize = 1 << 20;

    // _WSAIOW(IOC_VENDOR, 12)
    private const int SioUdpConnReset = unchecked((int)0x9800000C);

    // Linux's SOL_SOCKET and SO_REUSEPORT (asm-generic/socket.h).
    private const int SocketLevel = 1;
    private const int ReusePort = 15;

    // IPPROTO_IPV6; and IPV6_TCLASS of macOS (netinet6/in6.h).
    private const int IPv6Level = 41;
    private const int MacTrafficClass = 36;

    private readonly Socket _socket;

    private PortableUdpSocket(Socket socket)
    {
        _socket = socket;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <inheritdoc/>
    public IPEndPoint LocalEndPoint { get; }

    /// <inheritdoc/>
    /// <remarks>Windows takes the option and ignores it.</remarks>
    public DatagramMarking Marking => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? DatagramMarking.SendPerSocket : DatagramMarking.None;

    /// <summary>Opens a socket and binds it.</summary>
    /// <param name="localEndPoint">The address, and the port or 0 for one of the system's choice.</param>
    /// <exception cref="SocketException">The address is not this host's, the port is taken, or the system has no sockets left.</exception>
    public static PortableUdpSocket Bind(IPEndPoint localEndPoint)
    {
        Socket socket = Open(localEndPoint);
        // A bound check or datagram never blocks its sender; waiting sends go through SendToAsync.
        socket.Blocking = false;
        return new PortableUdpSocket(socket);
    }

    /// <summary>Opens and binds the framework's socket, for the sockets that are more than that too.</summary>
    /// <param name="localEndPoint">The address, and the port or 0.</param>
    /// <param name="sharePort">Whether the port may be another socket's that shares it too (SO_REUSEPORT): for Linux.</param>
    internal static Socket Open(IPEndPoint localEndPoint, bool sharePort = false)
    {
        ArgumentNullException.ThrowIfNull(localEndPoint);
        Socket socket = new(localEndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            // IPv6 sockets serve IPv6 alone: dual-mode ones report IPv4 peers under mapped addresses.
            if (localEndPoint.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            SetReceiveBuffer(socket);
            IgnorePortUnreachable(socket);
            if (sharePort)
                SharePort(socket);
            // DF stays as the system has it: Linux sets it and fragments what exceeds the path's known MTU, so nothing is refused that
            // plain UDP would carry.
            socket.Bind(localEndPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SocketAddress CreateAddress() => new(_socket.AddressFamily);

    /// <inheritdoc/>
    public bool TrySetTrafficClass(TrafficClass trafficClass)
    {
        if (Marking == DatagramMarking.None)
            return false;
        int option = OperatingSystem.IsLinux() ? LinuxMessages.IPv6TrafficClass : MacTrafficClass;
        bool ipv4 = _socket.AddressFamily == AddressFamily.InterNetwork;
        try
        {
            if (ipv4)
                _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.TypeOfService, (int)trafficClass.Octet);
            else
                _socket.SetRawSocketOption(IPv6Level, option, BitConverter.GetBytes((int)trafficClass.Octet));
            return true;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> ReceiveFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken) =>
        _socket.ReceiveFromAsync(buffer, SocketFlags.None, source, cancellationToken);

    /// <inheritdoc/>
    public SocketError TrySendTo(ReadOnlySpan<byte> datagram, SocketAddress destination)
    {
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, destination);
            return SocketError.Success;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
        catch (ObjectDisposedException)
        {
            return SocketError.OperationAborted;
        }
    }

    /// <inheritdoc/>
    public ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, CancellationToken cancellationToken)
    {
        ValueTask<int> sending = _socket.SendToAsync(datagram, SocketFlags.None, destination, cancellationToken);
        if (!sending.IsCompletedSuccessfully)
            return AwaitAsync(sending);
        _ = sending.Result;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>Lets other sockets of the same user bind to the socket's port.</summary>
    internal static void SharePort(Socket socket) => socket.SetRawSocketOption(SocketLevel, ReusePort, BitConverter.GetBytes(1));

    private static async ValueTask AwaitAsync(ValueTask<int> sending) => _ = await sending.ConfigureAwait(false);

    private static void SetReceiveBuffer(Socket socket)
    {
        try
        {
            socket.ReceiveBufferSize = ReceiveBufferSize;
        }
        catch (SocketException)
        {
            // The system's default serves too, with less room for bursts.
        }
    }

    private static void IgnorePortUnreachable(Socket socket)
    {
        // Windows reports an ICMP port unreachable for something sent as an error of the next receive.
        if (OperatingSystem.IsWindows())
            _ = socket.IOControl(SioUdpConnReset, [0, 0, 0, 0], null);
    }
}
