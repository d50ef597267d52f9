using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>Opens the sockets of a multicast DNS query.</summary>
internal static class MdnsSockets
{
    private const int TimeToLive = 255;

    /// <summary>A socket on an ephemeral port whose multicasts leave by the interface of its address.</summary>
    /// <exception cref="SocketException">The address is not this host's, or its interface has no multicast.</exception>
    public static Socket OpenForQueries(IPAddress local)
    {
        Socket socket = new(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(local, 0));
            // RFC 6762 §11: "All Multicast DNS responses (including responses sent via unicast) SHOULD be sent with IP TTL set to 255."
            // Old implementations check that of queries too.
            if (local.AddressFamily == AddressFamily.InterNetwork)
            {
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, local.GetAddressBytes());
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, TimeToLive);
            }
            else
            {
                if (local.ScopeId != 0)
                    socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, (int)local.ScopeId);
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, TimeToLive);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket that hears what is sent to a group on an interface, next to the host's own responder; null when the system refuses.</summary>
    public static Socket? TryListen(IPAddress local, IPEndPoint group)
    {
        Socket socket = new(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            // Bound to the group it takes no unicast away from the responder; Windows can bind to addresses of its own only.
            socket.Bind(OperatingSystem.IsWindows() ? new IPEndPoint(local, group.Port) : group);
            Join(socket, local, group.Address);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private static void Join(Socket socket, IPAddress local, IPAddress group)
    {
        if (local.AddressFamily == AddressFamily.InterNetworkV6)
        {
            if (group.IsIPv6Multicast)
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(group, local.ScopeId));
        }
        else if (group.GetAddressBytes()[0] is >= 224 and < 240)
        {
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(group, local));
        }
    }
}
