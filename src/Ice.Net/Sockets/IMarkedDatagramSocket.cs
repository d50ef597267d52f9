using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>A socket that sends and receives each datagram with a <see cref="TrafficClass"/> of its own, and sends from two buffers at once.</summary>
/// <remarks>The agent uses these members where a socket has them, and those of <see cref="IDatagramSocket"/> where it has not.</remarks>
public interface IMarkedDatagramSocket : IDatagramSocket
{
    /// <summary>Receives one datagram with the octet that it arrived with; else as <see cref="IDatagramSocket.ReceiveFromAsync"/>.</summary>
    /// <param name="buffer">Where the datagram goes. What does not fit is lost.</param>
    /// <param name="source">Takes the sender's address; made with <see cref="IDatagramSocket.CreateAddress"/> and reused from call to call.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SocketException">The system reported an error.</exception>
    ValueTask<ReceivedDatagram> ReceiveMarkedFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken);

    /// <summary>Sends a datagram that lies in two buffers, if that is possible without waiting.</summary>
    /// <param name="header">The first part, possibly empty.</param>
    /// <param name="payload">The rest.</param>
    /// <param name="destination">The receiver's address.</param>
    /// <param name="trafficClass">How it is marked; null as the socket is set.</param>
    /// <returns><see cref="SocketError.Success"/>, <see cref="SocketError.WouldBlock"/>, or why the system refused.</returns>
    SocketError TrySendTo(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, SocketAddress destination, TrafficClass? trafficClass);

    /// <summary>Sends a datagram, waiting for room in the send buffer.</summary>
    /// <param name="datagram">The datagram; not to be changed until the returned task has ended.</param>
    /// <param name="destination">The receiver's address; not to be changed either.</param>
    /// <param name="trafficClass">How it is marked; null as the socket is set.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SocketException">The system refused.</exception>
    ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, TrafficClass? trafficClass, CancellationToken cancellationToken);
}
