using Ice.Simulation;

namespace IceTool.Simulate;

/// <summary>What came of a simulation, as reports and plots show it.</summary>
/// <param name="Settings">What was run.</param>
/// <param name="Statistics">What came of it.</param>
internal sealed record SimulationSummary(SimulateSettings Settings, SessionStatistics Statistics)
{
    /// <summary>The percentiles that are told.</summary>
    public static IReadOnlyList<double> Percentiles { get; } = [0.50, 0.95, 0.99];

    /// <summary>The pairs of kinds, those with the most sessions first.</summary>
    public IReadOnlyList<PairShares> Pairs { get; } = FindPairs(Statistics);

    public double Share(SessionEnd end) => Statistics.Total == 0 ? 0 : (double)Statistics.Count(end) / Statistics.Total;

    private static List<PairShares> FindPairs(SessionStatistics statistics)
    {
        var pairs = new List<PairShares>();
        for (int i = 0; i < statistics.Kinds.Count; i++)
        {
            for (int j = i; j < statistics.Kinds.Count; j++)
            {
                var pair = new PairShares(
                    statistics.Kinds[i],
                    statistics.Kinds[j],
                    statistics.Count(i, j, SessionEnd.Direct),
                    statistics.Count(i, j, SessionEnd.Relayed),
                    statistics.Count(i, j, SessionEnd.Failed));
                if (pair.Total > 0)
                    pairs.Add(pair);
            }
        }

        // A stable order: pairs of equal size stay in that of their kinds.
        return [.. pairs.OrderByDescending(static pair => pair.Total)];
    }
}
