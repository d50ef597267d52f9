namespace Bench;

/// <summary>Percentiles by the nearest rank.</summary>
internal static class Percentile
{
    public static double Of(IReadOnlyList<double> sorted, double percent)
    {
        int rank = (int)Math.Ceiling(percent / 100 * sorted.Count);
        return sorted[Math.Clamp(rank - 1, 0, sorted.Count - 1)];
    }
}
