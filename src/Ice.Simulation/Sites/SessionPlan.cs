namespace Ice.Simulation;

/// <summary>A session to be run: what is drawn from a <see cref="SitePopulation"/>, or a cell of a grid.</summary>
/// <param name="Index">Its number in the run.</param>
/// <param name="OffererKind">The number of the offerer's kind of site.</param>
/// <param name="AnswererKind">The number of the answerer's.</param>
/// <param name="Scenario">The scenario.</param>
public sealed record SessionPlan(long Index, int OffererKind, int AnswererKind, Scenario Scenario);
