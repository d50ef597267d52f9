namespace Turn;

/// <summary>A message for a client that <see cref="TurnServerCore.TryGetTransmit"/> wrote.</summary>
/// <param name="Path">The path: the message leaves from its server address to its client address.</param>
/// <param name="Length">The length in bytes.</param>
public readonly record struct TurnServerTransmit(FiveTuple Path, int Length);
