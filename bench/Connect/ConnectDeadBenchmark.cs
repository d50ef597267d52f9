using System.Globalization;
using System.Runtime.InteropServices;

namespace Bench;

/// <summary>The same with nine candidates of the peer above the live one, on both sides, that lead nowhere.</summary>
internal sealed class ConnectDeadBenchmark : IBenchmark
{
    private const int Dead = 9;
    private const int RawTimes = 10;
    private static readonly (int Ta, int RoundTrip)[] s_cases = [(5, 0), (5, 20), (5, 100), (50, 0), (50, 20), (50, 100)];

    public string Name => "connect-dead";

    public string Description => "nine dead candidates above the live one, on both sides, Ta = 5 and 50 ms, R = 0, 20 and 100 ms; baseline: 9 Ta + 2 R";

    public int DefaultRuns => 10;

    public IReadOnlyList<string> Peers => PeerPair.Peers;

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings)
    {
        await using PairRuns runs = await PairRuns.StartAsync(settings);
        List<BenchResult> figures = [];
        foreach ((int ta, int milliseconds) in s_cases)
        {
            TimeSpan roundTrip = TimeSpan.FromMilliseconds(milliseconds);
            double raw = Samples.Median(milliseconds == 0 ? RawRoundTrip.Measure(RawTimes) : RawRoundTrip.Measure(RawTimes, roundTrip, 2, runs.Lateness));
            string name = string.Create(CultureInfo.InvariantCulture, $"{Name}.ta{ta}.{milliseconds}");
            PairTimes times = await runs.MeasureAsync(name, () => ConnectScene.MakeAsync(PathKind.Host, roundTrip, Dead), TimeSpan.FromMilliseconds(ta));
            Dictionary<string, string> described = new()
            {
                ["runs"] = $"{settings.Runs} of each",
                ["figure"] = "median of the later side's selection",
                ["baseline"] = "9 Ta + 2 R, R as two blocking sockets measure it",
                ["Ta"] = $"{ta} ms, offered by both as ice-pacing; the peers' own as they are",
                ["pacer"] = OurPair.Pacer,
                ["runtime"] = RuntimeInformation.FrameworkDescription,
                ["processors"] = $"{Environment.ProcessorCount}",
            };
            figures.Add(times.Selected($"{name}.selected", 50, (Dead * ta) + (2 * raw), settings, described));
        }

        return figures;
    }
}
