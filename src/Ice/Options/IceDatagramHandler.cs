using Stun;

namespace Ice;

/// <summary>Takes application datagrams as they arrive, without a copy.</summary>
/// <remarks>
/// Called on the receive loop of the socket that the datagram came to, which on Linux receives for other agents of the process too: it must not
/// block, and must not wait for another agent or for <see cref="IceAgent.DisposeAsync"/>; nor may it keep the span. Calls for one component overlap
/// only when datagrams arrive on several local addresses at once. An exception is logged and the datagram is gone.
/// </remarks>
/// <param name="component">The component.</param>
/// <param name="datagram">The datagram; valid only during the call.</param>
/// <param name="remote">The sender's address.</param>
public delegate void IceDatagramHandler(IceComponent component, ReadOnlySpan<byte> datagram, TransportAddress remote);
