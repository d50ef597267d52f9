using Ice.Simulation;
using NatLab.Agents;

namespace NatLab.Cases;

/// <summary>What came of a pair of sites for real, and what the simulator's oracle says of the same two.</summary>
/// <param name="Oracle">What the oracle says.</param>
/// <param name="Call">What came of it; null when the two did not connect.</param>
/// <param name="Problem">Why they did not, or null.</param>
internal sealed record Verdict(Reachability Oracle, LabCall? Call, string? Problem)
{
    /// <summary>Whether a direct path has to be found; where it may be by prediction alone, plain ICE finds none.</summary>
    public bool MustBeDirect => Oracle.Direct == DirectPath.Certain;

    /// <summary>Whether it came out as the oracle says.</summary>
    public bool Agrees => Call is { } call && call.IsRelayed != MustBeDirect;

    /// <summary>One letter: direct, relayed, failed; with a mark where the oracle says otherwise.</summary>
    public string Letter => (Call is not { } call ? "F" : call.IsRelayed ? "r" : "D") + (Agrees ? " " : "!");

    /// <summary>What the oracle says of two sites whose agents use a STUN and a TURN server.</summary>
    public static Reachability Ask(Site offerer, Site answerer) => new ScenarioWorld(SiteGrid.Pair(offerer, answerer, TrickleMode.None)).Oracle;

    /// <summary>The problem in words; null where there is none.</summary>
    public string? Complaint => Agrees ? null : $"{Problem ?? $"{Call!.Offerer} after {Call.Time.TotalSeconds:0.0} s"}, and the oracle says {Oracle}";
}
