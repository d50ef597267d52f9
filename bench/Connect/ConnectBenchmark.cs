using System.Runtime.InteropServices;

namespace Bench;

/// <summary>How long two agents of one process take over 127.0.0.1, from "candidates exchanged" until both are connected.</summary>
internal sealed class ConnectBenchmark : IBenchmark
{
    private const int RawTimes = 500;
    private static readonly TimeSpan s_pacing = TimeSpan.FromMilliseconds(50);

    public string Name => "connect";

    public string Description => "two agents over 127.0.0.1, from candidates exchanged to a selected pair on both sides; baseline: two raw round trips";

    public IReadOnlyList<string> Peers => PeerPair.Peers;

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings)
    {
        await using PairRuns runs = await PairRuns.StartAsync(settings);
        PairTimes times = await runs.MeasureAsync(Name, static () => ConnectScene.MakeAsync(PathKind.Host, TimeSpan.Zero), s_pacing, PairRuns.LongWarmUp);
        // A check and its answer, the nomination and its answer (RFC 8445 §8.1.1).
        double raw = 2 * Samples.Median(RawRoundTrip.Measure(RawTimes));
        Dictionary<string, string> described = new()
        {
            ["runs"] = $"{settings.Runs}, after {PairRuns.LongWarmUp} that do not count",
            ["path"] = "host to host, 127.0.0.1, one component",
            ["baseline"] = "twice the round trip of two blocking sockets",
            ["Ta"] = $"{s_pacing.TotalMilliseconds} ms",
            ["pacer"] = OurPair.Pacer,
            ["allocated"] = "for both agents, from their making to their end",
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["processors"] = $"{Environment.ProcessorCount}",
        };
        return
        [
            times.Selected("connect.p50", 50, raw, settings, described),
            times.Selected("connect.p95", 95, raw, settings, described),
            times.Usable("connect.usable.p50", 50, raw, settings, described),
        ];
    }
}
