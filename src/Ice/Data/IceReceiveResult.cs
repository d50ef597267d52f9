using System.Net;
using Ice.Net;
using Stun;

namespace Ice;

/// <summary>A received datagram's size and sender.</summary>
/// <param name="Length">The number of bytes written to the caller's buffer.</param>
/// <param name="DatagramLength">The length of the datagram: more than <paramref name="Length"/> when the buffer was too small; the rest is lost.</param>
/// <param name="Remote">The sender's address.</param>
public readonly record struct IceReceiveResult(int Length, int DatagramLength, TransportAddress Remote)
{
    /// <summary>
    /// The DSCP and ECN that the datagram arrived with; null when nobody asked (<see cref="IceAgentOptions.ReceiveTrafficClass"/>), or when they
    /// are not known (<see cref="IceComponent.Marking"/>), as with what came over a stream from a TURN server. Through a TURN server over UDP
    /// they are those of the packet from the server.
    /// </summary>
    public TrafficClass? TrafficClass { get; init; }

    /// <summary>Whether the caller's buffer was too small for the datagram.</summary>
    public bool IsTruncated => DatagramLength > Length;

    /// <summary>The sender's address as the framework's type; a new object at each call.</summary>
    public IPEndPoint RemoteEndPoint => Remote.ToIPEndPoint();
}
