namespace Ice.Simulation;

/// <summary>What the oracle says of two agents.</summary>
/// <param name="PathExists">Whether some pair of candidates can work.</param>
/// <param name="Explanation">Which, or why none.</param>
public sealed record Reachability(bool PathExists, string Explanation);
