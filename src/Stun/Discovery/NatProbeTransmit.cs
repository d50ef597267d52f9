namespace Stun;

/// <summary>A message that <see cref="NatBehaviorProbe.TryGetTransmit"/> wrote.</summary>
/// <param name="Socket">The socket from which it goes.</param>
/// <param name="Destination">Where it goes.</param>
/// <param name="Length">The length in bytes.</param>
public readonly record struct NatProbeTransmit(NatSocketId Socket, TransportAddress Destination, int Length);
