using Stun;

namespace Ice.Core;

/// <summary>How data of a relayed pair reaches its TURN server: what a driver needs to frame it without asking the machine.</summary>
/// <param name="Server">From which socket or stream to which server.</param>
/// <param name="Peer">The peer that the server relays to.</param>
/// <param name="Channel">The channel bound to the peer; 0 as long as there is none, and data goes through the machine.</param>
public sealed record RelayRoute(IcePath Server, TransportAddress Peer, ushort Channel);
