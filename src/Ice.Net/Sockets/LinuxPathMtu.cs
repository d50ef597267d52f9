using System.Runtime.InteropServices;

namespace Ice.Net;

/// <summary>What Linux has learned of the MTU of a path (ip(7), ipv6(7)), which it tells to connected sockets alone.</summary>
/// <remarks>Connecting one sends nothing. The framework's socket would take twice as long for the same calls, and allocate.</remarks>
internal static unsafe partial class LinuxPathMtu
{
    private const int IpMtu = 14;
    private const int IPv6Mtu = 24;
    private const int IPv4Family = 2;
    private const int IPv6Family = 10;
    private const int DatagramCloseOnExec = 2 | 0x80000;

    /// <summary>Asks for one path.</summary>
    /// <param name="ipv6">Whether the addresses are of IPv6.</param>
    /// <param name="local">The address that datagrams leave from, with port 0.</param>
    /// <param name="destination">Where they go.</param>
    /// <returns>Bytes, headers included; null where there is no way, or no more sockets.</returns>
    public static int? Get(bool ipv6, ReadOnlySpan<byte> local, ReadOnlySpan<byte> destination)
    {
        int probe = OpenSocket(ipv6 ? IPv6Family : IPv4Family, DatagramCloseOnExec, 0);
        if (probe < 0)
            return null;
        int value = 0;
        uint length = sizeof(int);
        bool told;
        fixed (byte* from = local, to = destination)
        {
            told = BindSocket(probe, from, (uint)local.Length) == 0
                && ConnectSocket(probe, to, (uint)destination.Length) == 0
                && GetOption(probe, ipv6 ? LinuxMessages.IPv6Level : LinuxMessages.IpLevel, ipv6 ? IPv6Mtu : IpMtu, &value, &length) == 0;
        }

        _ = CloseSocket(probe);
        return told ? value : null;
    }

    [LibraryImport("libc", EntryPoint = "socket")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int BindSocket(int socket, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "connect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ConnectSocket(int socket, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetOption(int socket, int level, int name, int* value, uint* length);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseSocket(int socket);
}
