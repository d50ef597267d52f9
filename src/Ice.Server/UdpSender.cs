using System.Net;
using System.Net.Sockets;
using Stun;

namespace Ice.Server;

/// <summary>Sends datagrams without waiting and without an allocation, from any thread.</summary>
internal static class UdpSender
{
    [ThreadStatic]
    private static SocketAddress? s_ipv4;

    [ThreadStatic]
    private static SocketAddress? s_ipv6;

    public static bool TrySend(Socket socket, ReadOnlySpan<byte> datagram, TransportAddress destination)
    {
        SocketAddress address = destination.IsIPv4
            ? s_ipv4 ??= new SocketAddress(AddressFamily.InterNetwork)
            : s_ipv6 ??= new SocketAddress(AddressFamily.InterNetworkV6);
        if (address.Family != socket.AddressFamily)
            return false;
        SocketAddressConverter.Write(destination, address);
        try
        {
            _ = socket.SendTo(datagram, SocketFlags.None, address);
            return true;
        }
        catch (SocketException)
        {
            // The send buffer is full, or there is no way there: it is lost, as on any network.
            return false;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }
}
