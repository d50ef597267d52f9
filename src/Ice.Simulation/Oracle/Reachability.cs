namespace Ice.Simulation;

/// <summary>What the oracle says of two agents.</summary>
/// <param name="Direct">Whether they can do without a relay.</param>
/// <param name="Relayed">Whether they can connect through a relay.</param>
/// <param name="Within">The virtual time from the offer within which both must be connected; meaningless where they cannot be.</param>
/// <param name="Explanation">The path, or why there is none.</param>
public sealed record Reachability(DirectPath Direct, bool Relayed, TimeSpan Within, string Explanation)
{
    /// <summary>Whether the two must end up connected.</summary>
    public bool PathExists => Direct == DirectPath.Certain || Relayed;

    /// <inheritdoc/>
    public override string ToString() =>
        (Direct, Relayed) switch
        {
            (DirectPath.Certain, _) => $"direct within {Within.TotalSeconds:0.0} s",
            (DirectPath.WithPrediction, true) => $"relayed within {Within.TotalSeconds:0.0} s, perhaps direct with prediction",
            (DirectPath.WithPrediction, false) => "perhaps direct with prediction, else not at all",
            (_, true) => $"relayed within {Within.TotalSeconds:0.0} s",
            _ => "no path",
        } + ": " + Explanation;
}
