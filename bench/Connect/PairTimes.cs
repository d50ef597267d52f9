namespace Bench;

/// <summary>What pairs of agents took.</summary>
/// <param name="Ours">Ours.</param>
/// <param name="Theirs">The peer's; empty without one.</param>
/// <param name="Allocated">Bytes allocated for each of our pairs, with all that was made and closed for it.</param>
internal sealed record PairTimes(IReadOnlyList<ConnectTimes> Ours, IReadOnlyList<ConnectTimes> Theirs, double Allocated)
{
    /// <summary>The figure of when both were selected.</summary>
    public BenchResult Selected(string name, double percent, double baseline, BenchSettings settings, IReadOnlyDictionary<string, string> described) =>
        Make(name, static times => times.Selected, percent, baseline, settings, described);

    /// <summary>The figure of when both could send.</summary>
    public BenchResult Usable(string name, double percent, double baseline, BenchSettings settings, IReadOnlyDictionary<string, string> described) =>
        Make(name, static times => times.Usable, percent, baseline, settings, described);

    private BenchResult Make(
        string name, Func<ConnectTimes, double?> pick, double percent, double baseline, BenchSettings settings, IReadOnlyDictionary<string, string> described)
    {
        double[] theirs = [.. Theirs.Select(pick).OfType<double>()];
        return new()
        {
            Name = name,
            Value = Samples.Percentile([.. Ours.Select(pick).OfType<double>()], percent),
            Unit = "ms",
            AllocatedBytes = Allocated,
            Baseline = baseline,
            Against = theirs.Length == 0 ? null : settings.Against,
            AgainstValue = theirs.Length == 0 ? null : Samples.Percentile(theirs, percent),
            Settings = described,
        };
    }
}
