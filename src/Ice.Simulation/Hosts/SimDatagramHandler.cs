using Stun;

namespace Ice.Simulation;

/// <summary>Receives the datagrams of a <see cref="SimSocket"/>.</summary>
/// <param name="socket">The socket.</param>
/// <param name="remote">Where the datagram came from.</param>
/// <param name="datagram">Its data; valid within the call only.</param>
public delegate void SimDatagramHandler(SimSocket socket, TransportAddress remote, ReadOnlySpan<byte> datagram);
