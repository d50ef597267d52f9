using System.Net;
using System.Net.Sockets;

namespace Ice;

/// <summary>A socket address of each family for each thread, to send one datagram with.</summary>
/// <remarks>Away while it is in use, for a socket may hand what is sent to another agent of the same thread, which sends too.</remarks>
internal static class SpareAddress
{
    [ThreadStatic]
    private static SocketAddress? s_ipv4;

    [ThreadStatic]
    private static SocketAddress? s_ipv6;

    public static SocketAddress Take(bool isIPv4)
    {
        ref SocketAddress? spare = ref SpareOf(isIPv4);
        SocketAddress address = spare ?? new SocketAddress(isIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6);
        spare = null;
        return address;
    }

    public static void GiveBack(SocketAddress address, bool isIPv4) => SpareOf(isIPv4) = address;

    private static ref SocketAddress? SpareOf(bool isIPv4) => ref isIPv4 ? ref s_ipv4 : ref s_ipv6;
}
