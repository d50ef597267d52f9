namespace Ice.Simulation;

/// <summary>What came of a session.</summary>
/// <param name="Plan">What was run.</param>
/// <param name="End">How it ended.</param>
/// <param name="Time">The virtual time from the offer until both were connected, or until the end of one that failed.</param>
/// <param name="Oracle">What the oracle had said.</param>
/// <param name="Explanation">Why it failed; null for those that did not.</param>
public sealed record SessionResult(SessionPlan Plan, SessionEnd End, TimeSpan Time, Reachability Oracle, string? Explanation)
{
    /// <summary>The virtual time from the offer until both could send data, over a relay or not; null when they never could.</summary>
    public TimeSpan? TimeToData { get; init; }

    /// <summary>How many probes of predicted or guessed ports the two sent; 0 without <see cref="SideScenario.Traversal"/>.</summary>
    public long Probes { get; init; }

    /// <summary>Whether it ended as the oracle had said; where packets are lost, neither the relay nor the time is held against it.</summary>
    public bool IsAsExpected => End switch
    {
        SessionEnd.Direct => Oracle.Direct != DirectPath.Impossible && (HasLoss || Time <= Oracle.Within),
        SessionEnd.Relayed => Oracle.Relayed ? HasLoss || Time <= Oracle.Within : HasLoss,
        _ => HasLoss || !Oracle.PathExists,
    };

    private bool HasLoss =>
        Plan.Scenario.Offerer.Interfaces.Concat(Plan.Scenario.Answerer.Interfaces).Any(static nic => nic.Link.Loss != LossModel.None);
}
