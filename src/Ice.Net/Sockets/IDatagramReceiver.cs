using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>Takes what an <see cref="IPushDatagramSocket"/> receives. Called on a loop that many sockets may share: it must neither block nor throw.</summary>
public interface IDatagramReceiver
{
    /// <summary>Takes a datagram. One call at a time for a socket.</summary>
    /// <param name="datagram">The datagram, in the loop's own buffer: gone when the call returns. One that fills the receiver's limit and a byte more was cut off.</param>
    /// <param name="source">The sender's address, in an object that the loop uses again: gone when the call returns.</param>
    /// <param name="trafficClass">The octet that it arrived with; null where that was not asked for, or the system does not tell.</param>
    void OnDatagram(ReadOnlySpan<byte> datagram, SocketAddress source, TrafficClass? trafficClass);

    /// <summary>Takes an error of receiving. The socket goes on, also where the error will only come again: whoever finds it lost disposes of it.</summary>
    /// <param name="error">What the system reported.</param>
    void OnReceiveError(SocketError error);
}
