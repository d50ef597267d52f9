using System.Net;

namespace Ice.Net;

/// <summary>A socket that knows what the system has learned of the MTU of paths.</summary>
public interface IPathMtuSocket : IDatagramSocket
{
    /// <summary>Who is told what routers report; set it once, before use.</summary>
    /// <remarks>
    /// A socket may stop listening for reports when it gets very many: <see cref="GetPathMtu"/> still knows what the system knows.
    /// </remarks>
    IPathMtuObserver? PathMtuObserver { get; set; }

    /// <summary>The size of the largest IP packet, header included, that the system takes the path to an address for able to carry.</summary>
    /// <param name="destination">The address.</param>
    /// <returns>
    /// Bytes: the MTU of the interface that the packets leave by, or less where a router has said so. Null where the system does not tell.
    /// </returns>
    int? GetPathMtu(SocketAddress destination);
}
