namespace Turn;

/// <summary>The value of the ICMP attribute (RFC 8656 §18.13): why a datagram of ours did not reach a peer.</summary>
/// <param name="Type">The ICMP type; its meaning depends on the peer's address family.</param>
/// <param name="Code">The ICMP code; its meaning depends on the peer's address family.</param>
/// <param name="Data">The MTU of the next-hop link in bytes for "packet too big" and "fragmentation needed"; 0 otherwise.</param>
public readonly record struct TurnIcmp(byte Type, byte Code, uint Data);
