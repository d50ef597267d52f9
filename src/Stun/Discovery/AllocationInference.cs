namespace Stun;

/// <summary>Tells port preservation and the pattern of external ports from a row of mappings. Pure.</summary>
internal static class AllocationInference
{
    // Steps of more than this from one mapping to the next are taken for chance, and so is what fewer samples show.
    private const int MaxStep = 64;
    private const int MinSamples = 3;

    // With so many, one step may be an outlier: the ports wrapped around at the end of their range.
    private const int SamplesForOutlier = 5;

    /// <summary>Whether external ports are the internal ones: of each socket the first mapping counts.</summary>
    public static NatFinding<bool> Preservation(IReadOnlyList<ProbeSample> samples)
    {
        NatPortSample[] first = [.. samples.OrderBy(static s => s.Order).DistinctBy(static s => s.Value.Local).Select(static s => s.Value)];
        if (first.Length == 0)
            return new(null, "No server answered.");
        int kept = first.Count(static s => s.Local.Port == s.Mapped.Port);
        // RFC 4787 §4.2.1: "Some NATs attempt to preserve the port number used internally when assigning a mapping to an external IP address and
        // port" They cannot where another host has taken it.
        return new(kept * 2 > first.Length, kept == 0 || kept == first.Length ? null : $"{kept} of {first.Length} ports were kept.");
    }

    /// <summary>The pattern in the mappings of several sockets.</summary>
    public static NatFinding<NatPortAllocation> Pattern(IReadOnlyList<ProbeSample> samples)
    {
        if (Preservation(samples) is { Value: true })
            return new(new NatPortAllocation(NatPortPattern.Preserving, 0, KeepsParity: true));
        // Requests that were sent again may have made their mappings at any of their transmissions.
        NatPortSample[] row = [.. samples.Where(static s => s.Once).OrderBy(static s => s.Order).Select(static s => s.Value)];
        int[] ports = [.. row.DistinctBy(static s => s.Mapped).Select(static s => s.Mapped.Port)];
        if (ports.Length < MinSamples)
            return new(null, $"{ports.Length} mappings were seen, and {MinSamples} at least are needed.");
        int step = Step(ports);
        bool? parity = KeepsParity(row);
        // A sequence may keep step with the local ports by chance.
        return new(new NatPortAllocation(step == 0 ? NatPortPattern.Random : NatPortPattern.Sequential, step, step != 0 && parity == true ? null : parity));
    }

    /// <summary>The step of a sequence; 0 if it is none.</summary>
    internal static int Step(ReadOnlySpan<int> ports)
    {
        int ups = 0;
        int downs = 0;
        int step = 0;
        for (int i = 1; i < ports.Length; i++)
        {
            int delta = ports[i] - ports[i - 1];
            if (Math.Abs(delta) is 0 or > MaxStep)
                continue;
            _ = delta > 0 ? ups++ : downs++;
            step = GreatestCommonDivisor(step, Math.Abs(delta));
        }

        int outliers = ports.Length - 1 - Math.Max(ups, downs);
        return outliers > (ports.Length >= SamplesForOutlier ? 1 : 0) || Math.Min(ups, downs) > 0 ? 0 : ups > 0 ? step : -step;
    }

    private static int GreatestCommonDivisor(int a, int b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);

    private static bool? KeepsParity(NatPortSample[] row)
    {
        // Eight random ports have their parities kept by chance once in 256 runs, fewer tell nothing.
        const int Enough = 8;
        bool bothSeen = row.Any(static s => (s.Local.Port & 1) == 0) && row.Any(static s => (s.Local.Port & 1) == 1);
        if (row.Any(static s => ((s.Local.Port ^ s.Mapped.Port) & 1) != 0))
            return false;
        return row.Length >= Enough && bothSeen ? true : null;
    }
}
