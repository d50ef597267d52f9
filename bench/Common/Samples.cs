namespace Bench;

/// <summary>What was measured again and again, and what it comes to.</summary>
internal static class Samples
{
    /// <summary>The percentile by the nearest rank, of samples in any order.</summary>
    public static double Percentile(IReadOnlyCollection<double> samples, double percent)
    {
        ArgumentOutOfRangeException.ThrowIfZero(samples.Count);
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        double[] sorted = [.. samples];
        Array.Sort(sorted);
        int rank = (int)Math.Ceiling(percent / 100 * sorted.Length);
        return sorted[Math.Clamp(rank - 1, 0, sorted.Length - 1)];
    }

    /// <summary>The middle one, or the mean of the two in the middle.</summary>
    public static double Median(IReadOnlyCollection<double> samples)
    {
        ArgumentOutOfRangeException.ThrowIfZero(samples.Count);
        double[] sorted = [.. samples];
        Array.Sort(sorted);
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>Measures all sides in turns, A B A B, so that what else the machine does meets each of them.</summary>
    /// <param name="rounds">How many turns each side gets.</param>
    /// <param name="sides">Each measures once, or some times, and returns its samples.</param>
    /// <returns>All samples of each side.</returns>
    public static async Task<IReadOnlyList<IReadOnlyList<double>>> InTurnsAsync(int rounds, params IReadOnlyList<Func<Task<IReadOnlyList<double>>>> sides)
    {
        List<double>[] all = [.. sides.Select(static _ => new List<double>())];
        for (int round = 0; round < rounds; round++)
        {
            for (int side = 0; side < sides.Count; side++)
                all[side].AddRange(await sides[side]());
        }

        return all;
    }
}
