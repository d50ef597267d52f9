using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>A socket that hands many datagrams over to the system with one call, and takes many from it with one.</summary>
public interface IBatchDatagramSocket : IDatagramSocket
{
    /// <summary>Sends datagrams that lie one behind the other, if that is possible without waiting.</summary>
    /// <remarks>Where the system does not take several at once for this socket, or none of this size, they are sent one by one, and that is remembered.</remarks>
    /// <param name="datagrams">The datagrams: all of <paramref name="segmentSize"/> bytes but the last, which may be shorter.</param>
    /// <param name="segmentSize">The length of one in bytes, at least 1.</param>
    /// <param name="destination">The receiver's address.</param>
    /// <param name="trafficClass">How they are marked; null as the socket is set.</param>
    /// <param name="error"><see cref="SocketError.Success"/> when all were sent; else what ended it.</param>
    /// <returns>How many were sent: the first so many.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="segmentSize"/> is less than 1.</exception>
    int TrySendBatch(ReadOnlySpan<byte> datagrams, int segmentSize, SocketAddress destination, TrafficClass? trafficClass, out SocketError error);

    /// <summary>Lets the system hand over datagrams of one sender that came together in one piece, or no more.</summary>
    /// <remarks>
    /// For a socket that pushes alone (<see cref="IPushDatagramSocket"/>), whose loop takes the piece apart again; to be set before it is started.
    /// A receive that is asked for would have several datagrams as one.
    /// </remarks>
    /// <param name="value">Whether it may.</param>
    /// <returns>False where that cannot be done: each datagram comes by itself, as before.</returns>
    bool TrySetCoalescing(bool value);
}
