using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ice.Net;

/// <summary>The errno values (asm-generic/errno.h) that sending and receiving datagrams report, under the framework's names.</summary>
internal static class LinuxErrors
{
    /// <summary>The outcome of the last call with SetLastError on this thread.</summary>
    public static SocketError Last() => Name(Marshal.GetLastPInvokeError());

    /// <summary>The outcome of a call without SetLastError, to be asked for right after it.</summary>
    public static SocketError FromLastCall() => Name(Marshal.GetLastSystemError());

    /// <summary>
    /// Whether an error may be the echo of ICMP about something sent earlier (ip(7)), which another thread may have taken off the error queue
    /// meanwhile.
    /// </summary>
    public static bool MayBeEcho(SocketError error) => error is SocketError.ConnectionRefused or SocketError.HostUnreachable or SocketError.HostDown
        or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.MessageSize or SocketError.AccessDenied or SocketError.ProtocolOption;

    private static SocketError Name(int errno) => errno switch
    {
        1 or 13 => SocketError.AccessDenied,
        4 => SocketError.Interrupted,
        5 => SocketError.Fault,
        9 => SocketError.OperationAborted,
        11 => SocketError.WouldBlock,
        22 => SocketError.InvalidArgument,
        24 => SocketError.TooManyOpenSockets,
        90 => SocketError.MessageSize,
        92 => SocketError.ProtocolOption,
        95 => SocketError.OperationNotSupported,
        97 => SocketError.AddressFamilyNotSupported,
        99 => SocketError.AddressNotAvailable,
        100 => SocketError.NetworkDown,
        101 => SocketError.NetworkUnreachable,
        105 => SocketError.NoBufferSpaceAvailable,
        111 => SocketError.ConnectionRefused,
        112 => SocketError.HostDown,
        113 => SocketError.HostUnreachable,
        _ => SocketError.SocketError,
    };
}
