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
}
