using System.Net;

namespace Ice.Net;

/// <summary>A socket that knows what the system has learned of the MTU of paths.</summary>
public interface IPathMtuSocket : IDatagramSocket
{
    /// <summary>Called when a router on the way to an address has reported that a datagram was too big for the next hop (ICMP); set it once, before use.</summary>
    /// <remarks>
    /// Runs on the thread whose send or receive met the report, possibly under locks of the caller's: it must not block, and must not keep the
    /// address. The system has checked that the report quotes a datagram of this socket. A socket may stop listening for reports when it gets
    /// very many: <see cref="GetPathMtu"/> still knows what the system knows.
    /// </remarks>
    Action<SocketAddress>? PathMtuLowered { get; set; }

    /// <summary>The size of the largest IP packet, header included, that the system takes the path to an address for able to carry.</summary>
    /// <param name="destination">The address.</param>
    /// <returns>
    /// Bytes: the MTU of the interface that the packets leave by, or less where a router has said so. Null where the system does not tell.
    /// </returns>
    int? GetPathMtu(SocketAddress destination);
}
