using System.Globalization;
using System.Runtime.InteropServices;

namespace Bench;

/// <summary>The same over a path with a known round trip R: host candidates, server-reflexive ones only, relayed ones only.</summary>
internal sealed class ConnectRttBenchmark : IBenchmark
{
    private const int RawTimes = 10;
    private static readonly TimeSpan s_pacing = TimeSpan.FromMilliseconds(50);
    private static readonly int[] s_roundTrips = [20, 100];
    private static readonly PathKind[] s_kinds = [PathKind.Host, PathKind.ServerReflexive, PathKind.Relayed];

    public string Name => "connect-rtt";

    public string Description => "the same through a delay proxy with R = 20 and 100 ms, host, srflx only and relay only: usable (limit R), selected (limit 2 R)";

    public int DefaultRuns => 15;

    // libnice gathers no server-reflexive candidate over this network.
    public IReadOnlyList<string> Peers => ["pion"];

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings)
    {
        await using PairRuns runs = await PairRuns.StartAsync(settings);
        List<BenchResult> figures = [];
        Dictionary<string, string> described = [];
        List<double> lateness = [];
        foreach (int milliseconds in s_roundTrips)
        {
            foreach (PathKind kind in s_kinds)
            {
                TimeSpan roundTrip = TimeSpan.FromMilliseconds(milliseconds);
                string name = string.Create(CultureInfo.InvariantCulture, $"{Name}.{kind.Token()}.{milliseconds}");
                double raw = Samples.Median(RawRoundTrip.Measure(RawTimes, roundTrip, kind == PathKind.Relayed ? 6 : 2, lateness));
                PairTimes times = await runs.MeasureAsync(name, () => ConnectScene.MakeAsync(kind, roundTrip), s_pacing);
                figures.Add(times.Usable($"{name}.usable", 50, raw, settings, described));
                figures.Add(times.Selected($"{name}.selected", 50, raw, settings, described));
            }
        }

        lateness.AddRange(runs.Lateness);
        described["runs"] = $"{settings.Runs} of each";
        described["figure"] = "median of the later side";
        described["baseline"] = "R as two blocking sockets measure it through the same proxy: the ratio is the multiple of R, 1 and 2 at best";
        described["proxy"] = string.Create(
            CultureInfo.InvariantCulture, $"late by {Samples.Median(lateness):0.0} us (median), {Samples.Percentile(lateness, 99):0.0} us (p99) at each passage, besides its waking up");
        described["relay"] = "agent, our own TURN server, the same server again, agent: R / 6 for each leg each way; permissions are within the time";
        described["start"] = "both know all candidates of the other; with servers 250 ms after gathering has ended, as signaling takes";
        described["Ta"] = $"{s_pacing.TotalMilliseconds} ms";
        described["pacer"] = OurPair.Pacer;
        described["runtime"] = RuntimeInformation.FrameworkDescription;
        described["processors"] = $"{Environment.ProcessorCount}";
        return figures;
    }
}
