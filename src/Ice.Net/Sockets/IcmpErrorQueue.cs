using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ice.Net;

/// <summary>Reads the ICMP messages about what a UDP socket sent: on Linux, whose sockets keep them in an error queue (ip(7), IP_RECVERR).</summary>
/// <remarks>
/// A socket with the queue reports each message as an error of its next receive or send too; the datagram of that send is not sent, and has to be
/// sent again. Needs no privileges.
/// </remarks>
public static class IcmpErrorQueue
{
    private const int IpRecvErr = 11;
    private const int IPv6RecvErr = 25;
    private const byte OriginIcmp = 2;
    private const byte OriginIcmpIPv6 = 3;
    private const int TypeUnreachable = 3;
    private const int CodeFragmentationNeeded = 4;
    private const int TypeTooBig = 2;
    private const int ControlLength = 512;

    /// <summary>Begins to keep ICMP messages for a socket.</summary>
    /// <returns>False where the system has no such queue.</returns>
    public static bool TryEnable(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return OperatingSystem.IsLinux() && TrySet(socket.SafeHandle, socket.AddressFamily == AddressFamily.InterNetworkV6, true);
    }

    /// <summary>Takes the next entry of a socket's queue; never waits.</summary>
    /// <param name="socket">The socket, with the queue enabled.</param>
    /// <param name="destination">Takes the address that the datagram was sent to; of the socket's family.</param>
    /// <param name="error">The ICMP message; the default value when the entry is about something else.</param>
    /// <returns>False when the queue is empty.</returns>
    public static bool TryTake(Socket socket, SocketAddress destination, out IcmpError error)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(destination);
        error = default;
        return OperatingSystem.IsLinux() && TryTake(socket.SafeHandle, destination, out error);
    }

    /// <summary>The same for a socket of Linux.</summary>
    internal static bool TryTake(SafeHandle socket, SocketAddress destination, out IcmpError error)
    {
        error = default;
        Span<byte> control = stackalloc byte[ControlLength];
        int length = LinuxMessages.ReceiveError(socket, destination.Buffer.Span, control);
        if (length < 0)
            return false;
        error = Read(control[..length]);
        return true;
    }

    /// <summary>Keeps no more ICMP messages for a socket, and forgets those that it has.</summary>
    internal static bool TryDisable(SafeHandle socket, bool ipv6) => TrySet(socket, ipv6, false);

    private static bool TrySet(SafeHandle socket, bool ipv6, bool value) =>
        LinuxOptions.TrySet(socket, ipv6 ? LinuxMessages.IPv6Level : LinuxMessages.IpLevel, ipv6 ? IPv6RecvErr : IpRecvErr, value ? 1 : 0);

    // struct sock_extended_err (errno, origin, type, code, pad, info, data), among other control messages that the socket has asked for.
    private static IcmpError Read(ReadOnlySpan<byte> control)
    {
        ReadOnlySpan<byte> extended = LinuxMessages.FindControl(control, LinuxMessages.IpLevel, IpRecvErr);
        byte expected = OriginIcmp;
        if (extended.IsEmpty)
        {
            extended = LinuxMessages.FindControl(control, LinuxMessages.IPv6Level, IPv6RecvErr);
            expected = OriginIcmpIPv6;
        }

        if (extended.Length < 16 || extended[4] != expected)
            return default;
        byte origin = extended[4];
        byte type = extended[5];
        byte code = extended[6];
        bool hasMtu = origin == OriginIcmp ? type == TypeUnreachable && code == CodeFragmentationNeeded : type == TypeTooBig;
        return new IcmpError(type, code, hasMtu ? MemoryMarshal.Read<uint>(extended[8..]) : 0);
    }
}
