using Stun;

namespace Turn;

/// <summary>Where application data lies in a message, and which peer it came from. Nothing is copied.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Offset">Where the data starts, in bytes from the start of the message.</param>
/// <param name="Length">Its length in bytes; 0 is possible.</param>
public readonly record struct TurnPayload(TransportAddress Peer, int Offset, int Length);
