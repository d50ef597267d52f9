namespace Ice.Simulation;

/// <summary>An ICE restart (RFC 8445 §9) in a <see cref="Scenario"/>.</summary>
/// <param name="After">How long after both agents were connected.</param>
/// <param name="ByOfferer">Whether the offerer restarts, or the answerer.</param>
public sealed record RestartScenario(TimeSpan After, bool ByOfferer);
