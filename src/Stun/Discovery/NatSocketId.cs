namespace Stun;

/// <summary>Names a socket between <see cref="NatBehaviorProbe"/> and its driver; never used twice by one probe.</summary>
/// <param name="Value">A running number.</param>
public readonly record struct NatSocketId(int Value);
