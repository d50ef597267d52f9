using Stun;

namespace PeersInterop;

/// <summary>A UDP datagram that crossed the segment.</summary>
/// <param name="At">When, on the clock of <see cref="PeerProcess.Now"/>.</param>
/// <param name="From">From where.</param>
/// <param name="To">To where.</param>
/// <param name="Stun">What it says, when it is STUN.</param>
internal sealed record WireDatagram(TimeSpan At, TransportAddress From, TransportAddress To, WireStun? Stun);
