using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>A bound datagram socket: the seam between the agent and the operating system, which tests replace.</summary>
/// <remarks>
/// One receive may be pending at a time; sends may come from any thread, also while a receive is pending. Disposing ends a pending receive
/// with <see cref="ObjectDisposedException"/>, <see cref="OperationCanceledException"/> or a <see cref="SocketException"/>.
/// </remarks>
public interface IDatagramSocket : IDisposable
{
    /// <summary>The address and port that the socket is bound to: one local address, never a wildcard in the agent's use.</summary>
    IPEndPoint LocalEndPoint { get; }

    /// <summary>What the socket can do about the traffic class of its datagrams; nothing unless it says otherwise.</summary>
    DatagramMarking Marking => DatagramMarking.None;

    /// <summary>Receives one datagram; completes at once when one is queued.</summary>
    /// <param name="buffer">Where the datagram goes. What does not fit is lost.</param>
    /// <param name="source">Takes the sender's address; made with <see cref="CreateAddress"/> and reused from call to call.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The number of bytes.</returns>
    /// <exception cref="SocketException">The system reported an error. Errors that only concern one earlier datagram (ICMP) may be reported too: receive again.</exception>
    ValueTask<int> ReceiveFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken);

    /// <summary>Sends a datagram if that is possible without waiting.</summary>
    /// <param name="datagram">The datagram.</param>
    /// <param name="destination">The receiver's address.</param>
    /// <returns><see cref="SocketError.Success"/>, <see cref="SocketError.WouldBlock"/>, or why the system refused.</returns>
    SocketError TrySendTo(ReadOnlySpan<byte> datagram, SocketAddress destination);

    /// <summary>Sends a datagram, waiting for room in the send buffer.</summary>
    /// <param name="datagram">The datagram; not to be changed until the returned task has ended.</param>
    /// <param name="destination">The receiver's address.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SocketException">The system refused.</exception>
    ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, CancellationToken cancellationToken);

    /// <summary>Sets the traffic class of everything that is sent without one of its own.</summary>
    /// <param name="trafficClass">The octet of the IP header.</param>
    /// <returns>False where that cannot be done: datagrams leave as before.</returns>
    bool TrySetTrafficClass(TrafficClass trafficClass) => false;

    /// <summary>Makes an empty address of the socket's family, to receive into.</summary>
    SocketAddress CreateAddress();
}
