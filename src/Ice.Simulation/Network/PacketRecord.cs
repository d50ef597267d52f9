using Stun;

namespace Ice.Simulation;

/// <summary>One thing that happened to one packet, for taps.</summary>
/// <param name="Time">When.</param>
/// <param name="Where">At which attachment of which node.</param>
/// <param name="Fate">What.</param>
/// <param name="Cause">Why it was dropped; None when it was not.</param>
/// <param name="Packet">The packet as it was there.</param>
public readonly record struct PacketRecord(Instant Time, Attachment Where, PacketFate Fate, PacketDropCause Cause, SimPacket Packet);
