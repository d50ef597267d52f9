using System.Text.Json.Nodes;
using Stun;

namespace Bench;

/// <summary>What <c>stun-parse</c> and <c>stun-build</c> have in common: some ways to do a thing, beside the framework's HMAC and pion's codec.</summary>
internal abstract class CodecBenchmark : IBenchmark
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private static readonly PeerSource s_pion = new("pion", "pion/stun.go", PeerLanguage.Go, ["golang-go", "golang-github-pion-stun-dev"]);

    public abstract string Name { get; }

    public abstract string Description { get; }

    public IReadOnlyList<string> Peers { get; } = ["pion"];

    /// <summary>The ways: the name of each one's figure, how it runs, and what pion's program is asked for in comparison, or null.</summary>
    protected abstract IReadOnlyList<(string Figure, Func<int, bool> Run, string? Pion)> Ways { get; }

    /// <summary>What the settings say of pion's side.</summary>
    protected abstract string PionDoes { get; }

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings)
    {
        byte[] check = new byte[StunCheck.Length];
        if (StunCheck.Write(check, StunCheck.Id) != check.Length || !StunCheck.Read(check))
            throw new BenchException("The check does not have the length that it should have, or does not verify.");
        using FrameworkHmac framework = new(check);
        Batch baseline = new(framework.Run);
        Batch[] ours = [.. Ways.Select(static way => new Batch(way.Run))];
        foreach (Batch batch in (Batch[])[baseline, .. ours])
            await batch.WarmUpAsync();

        await using PeerProgram? pion = settings.Against is null ? null : await PeerProgram.StartAsync(s_pion);
        List<double>[] theirs = [.. Ways.Select(static _ => new List<double>())];
        for (int run = 0; run < settings.Runs; run++)
        {
            settings.Progress.Report(Name, run, settings.Runs);
            baseline.Measure();
            for (int way = 0; way < ours.Length; way++)
            {
                ours[way].Measure();
                if (pion is not null && Ways[way].Pion is { } question)
                    theirs[way].Add(await AskAsync(pion, question, check));
            }
        }

        Dictionary<string, string> described = new(StunCheck.Describe(settings.Runs, Batch.Operations, FrameworkHmac.Description));
        if (pion is not null)
            described["pion"] = PionDoes;
        return [.. Ways.Select((way, index) => new BenchResult
        {
            Name = way.Figure,
            Value = ours[index].Median,
            Unit = "ns",
            AllocatedBytes = ours[index].Allocated,
            Baseline = baseline.Median,
            Against = theirs[index].Count > 0 ? settings.Against : null,
            AgainstValue = theirs[index].Count > 0 ? Samples.Median(theirs[index]) : null,
            Settings = described,
        })];
    }

    private static async Task<double> AskAsync(PeerProgram pion, string what, byte[] check)
    {
        JsonObject answer = await pion.AskAsync(
            new JsonObject { ["cmd"] = what, ["count"] = Batch.Operations, ["message"] = Convert.ToHexStringLower(check), ["password"] = StunCheck.Password }, s_patience);
        return answer["nanoseconds"]?.GetValue<double>() ?? throw new BenchException($"pion's program answered without \"nanoseconds\": {answer.ToJsonString()}");
    }
}
