namespace Ice.Simulation.Tests;

/// <summary>Runs many scenarios and reports those that did not end as they must.</summary>
internal static class Grid
{
    /// <summary>Runs all; fails with the seed and the two sites of each that is not good.</summary>
    public static IReadOnlyList<ScenarioResult> RunAll(IEnumerable<Scenario> scenarios, int expected)
    {
        List<ScenarioResult> results = [.. scenarios.Select(static scenario => ScenarioRunner.Run(scenario))];
        Assert.That(results, Has.Count.EqualTo(expected), "the grid must be whole");
        string[] bad = [.. results.Where(static result => !result.IsGood).Select(static result => result.ToString())];
        if (bad.Length > 0)
            Assert.Fail($"{bad.Length} of {results.Count} runs did not end as they must:\n{string.Join("\n\n", bad.Take(5))}");
        Assert.That(results.Select(static result => result.Outcome), Is.All.EqualTo(ScenarioOutcome.Connected), "a relay is there for all");
        return results;
    }
}
