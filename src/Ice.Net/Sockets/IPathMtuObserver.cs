using System.Net;

namespace Ice.Net;

/// <summary>Who is told that less fits into a packet to an address than before.</summary>
public interface IPathMtuObserver
{
    /// <summary>A router on the way to an address has reported that a datagram was too big for the next hop (ICMP).</summary>
    /// <remarks>
    /// Runs on the thread whose send or receive met the report, possibly under locks of the caller's: it must not block, and must not keep the
    /// address. The system has checked that the report quotes a datagram of this socket.
    /// </remarks>
    /// <param name="destination">The address.</param>
    void OnPathMtuLowered(SocketAddress destination);
}
