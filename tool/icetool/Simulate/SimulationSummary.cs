using Ice.Simulation;

namespace IceTool.Simulate;

/// <summary>What came of a simulation, as reports and plots show it.</summary>
/// <param name="Settings">What was run.</param>
/// <param name="Variant">In which way.</param>
/// <param name="Statistics">What came of it.</param>
internal sealed record SimulationSummary(SimulateSettings Settings, SimulateVariant Variant, SessionStatistics Statistics)
{
    /// <summary>The percentiles that are told.</summary>
    public static IReadOnlyList<double> Percentiles { get; } = [0.50, 0.95, 0.99];

    /// <summary>The pairs of kinds, those with the most sessions first.</summary>
    public IReadOnlyList<PairShares> Pairs { get; } = FindPairs(Statistics);

    public double Share(SessionEnd end) => Statistics.Total == 0 ? 0 : (double)Statistics.Count(end) / Statistics.Total;

    /// <summary>What a title adds where there is more than plain ICE alone.</summary>
    public string Suffix => Settings.Variants.Count > 1 || Variant.Traversal is not null ? ", " + Variant.Name : "";

    /// <summary>How many probes a session that probes sends on average; 0 where none does.</summary>
    public double ProbesPerProbingSession => Statistics.Probing == 0 ? 0 : (double)Statistics.Probes / Statistics.Probing;

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
