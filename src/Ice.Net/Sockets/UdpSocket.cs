using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>Opens the best UDP socket that the system has.</summary>
public static class UdpSocket
{
    /// <summary>Opens a <see cref="LinuxUdpSocket"/> on Linux and a <see cref="PortableUdpSocket"/> elsewhere, and binds it.</summary>
    /// <param name="localEndPoint">The address, and the port or 0 for one of the system's choice.</param>
    /// <exception cref="SocketException">The address is not this host's, the port is taken, or the system has no sockets left.</exception>
    public static IDatagramSocket Bind(IPEndPoint localEndPoint) =>
        OperatingSystem.IsLinux() ? LinuxUdpSocket.Bind(localEndPoint) : PortableUdpSocket.Bind(localEndPoint);

    /// <summary>Opens several sockets at one address and port (SO_REUSEPORT): the system gives all datagrams of one sender to the same of them.</summary>
    /// <remarks>
    /// The first is bound as any other: a port that somebody has is taken. From then on, as long as they are open, other programs of the same user
    /// that ask for it can bind to the port too, and would get a part of the datagrams.
    /// </remarks>
    /// <param name="localEndPoint">The address, and the port or 0 for one of the system's choice.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="SocketException">The address is not this host's, the port is taken, or the system has no sockets left.</exception>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux: elsewhere the option means something else, or nothing.</exception>
    public static IReadOnlyList<IDatagramSocket> BindShards(IPEndPoint localEndPoint, int count)
    {
        ArgumentNullException.ThrowIfNull(localEndPoint);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Several sockets at one port that share its senders are Linux's: use Bind.");
        List<IDatagramSocket> sockets = [];
        try
        {
            LinuxUdpSocket first = LinuxUdpSocket.Bind(localEndPoint);
            sockets.Add(first);
            // Before its own bind it would let the system choose a port that another program has and shares: the two would get each other's datagrams.
            first.SharePort();
            while (sockets.Count < count)
                sockets.Add(LinuxUdpSocket.BindShard(first.LocalEndPoint));
            return sockets;
        }
        catch
        {
            sockets.ForEach(static socket => socket.Dispose());
            throw;
        }
    }
}
