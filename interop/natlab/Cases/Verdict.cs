using Ice;
using Ice.Simulation;
using NatLab.Agents;
using PeersInterop;

namespace NatLab.Cases;

/// <summary>What came of a pair of sites for real, and what the simulator's oracle says of the same two.</summary>
/// <param name="Oracle">What the oracle says.</param>
/// <param name="Call">What came of it; null when the two did not connect.</param>
/// <param name="Problem">Why they did not, or null.</param>
internal sealed record Verdict(Reachability Oracle, LabCall? Call, string? Problem)
{
    /// <summary>What a first try came to, where there was a second; null where there was none.</summary>
    public string? FirstTry { get; private init; }

    /// <summary>Whether a direct path has to be found; where it may be by prediction alone, plain ICE finds none.</summary>
    public bool MustBeDirect => Oracle.Direct == DirectPath.Certain;

    /// <summary>Whether it came out as the oracle says.</summary>
    public bool Agrees => Call is { } call && call.IsRelayed != MustBeDirect;

    /// <summary>One letter: direct, relayed, failed; with a mark where the oracle says otherwise.</summary>
    public string Letter => (Call is not { } call ? "F" : call.IsRelayed ? "r" : "D") + (!Agrees ? "!" : FirstTry is null ? "" : "~");

    /// <summary>What the oracle says of two sites whose agents use a STUN and a TURN server.</summary>
    public static Reachability Ask(Site offerer, Site answerer) => new ScenarioWorld(SiteGrid.Pair(offerer, answerer, TrickleMode.None)).Oracle;

    /// <summary>
    /// Connects two parties. Where a relay was nominated though there is a direct path, they try once more: an agent waits no longer than a second
    /// for that path, and on a machine that has much to do a second is short. What took two tries is said.
    /// </summary>
    public static async Task<Verdict> SeekAsync(Reachability oracle, Func<Task<LabCall>> connectAsync, CancellationToken cancellationToken)
    {
        Verdict first = await TryAsync(oracle, connectAsync, cancellationToken);
        if (first.Agrees || !first.MustBeDirect || first.Call is null)
            return first;
        return await TryAsync(oracle, connectAsync, cancellationToken) with { FirstTry = $"{first.Call.Offerer} after {first.Call.Time.TotalSeconds:0.0} s" };
    }

    private static async Task<Verdict> TryAsync(Reachability oracle, Func<Task<LabCall>> connectAsync, CancellationToken cancellationToken)
    {
        try
        {
            return new Verdict(oracle, await connectAsync(), null);
        }
        catch (Exception exception) when (exception is CaseFailedException or IceException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Verdict(oracle, null, exception.Message);
        }
    }

    /// <summary>Says what came of it; throws where the oracle says otherwise.</summary>
    public string Judge()
    {
        Check.That(Agrees, Complaint ?? "");
        string before = FirstTry is null ? "" : $" (second try; the first: {FirstTry})";
        return $"{(Call!.IsRelayed ? "relayed" : "direct")} ({Call.Offerer}), as the oracle says, after {Call.Time.TotalSeconds:0.0} s{before}";
    }

    /// <summary>The problem in words; null where there is none.</summary>
    public string? Complaint => Agrees ? null : $"{Problem ?? $"{Call!.Offerer} after {Call.Time.TotalSeconds:0.0} s"}, and the oracle says {Oracle}";
}
