namespace Turn;

/// <summary>Names a relay socket between <see cref="TurnServerCore"/> and its driver; never used twice.</summary>
/// <param name="Value">A running number.</param>
public readonly record struct RelayId(long Value);
