using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Bench;

/// <summary>What a datagram through a connected pair of agents costs, beside the same datagram through two of the framework's sockets.</summary>
internal sealed class DataBenchmark : IBenchmark
{
    // A receive buffer of the system's default size takes as many.
    private const int Window = 64;
    private const int WindowsPerRun = 50;
    // So many that the 99th percentile is not that of the first few, when the threads have just begun.
    private const int TripsPerRun = 1000;
    private const int TripSize = 160;
    private const int WarmUpRuns = 20;
    private static readonly int[] s_sizes = [1200, 160];
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private static readonly PeerSource[] s_peers =
    [
        new("pion", "pion/data.go", PeerLanguage.Go, ["golang-go", "golang-github-pion-ice.v2-dev"]),
        new("libnice", "libnice/data.c", PeerLanguage.C, ["gcc", "libc6-dev", "pkg-config", "libnice-dev", "libjson-glib-dev"]) { Libraries = ["nice", "json-glib-1.0"] },
    ];

    private readonly Signal _received = new();
    private int _arrived;

    public string Name => "data";

    public string Description => "datagrams through a connected pair, one way and there and back; baseline: two blocking UDP sockets of the framework";

    public int DefaultRuns => 100;

    public IReadOnlyList<string> Peers { get; } = [.. s_peers.Select(static peer => peer.Peer)];

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings)
    {
        List<BenchResult> results = [];
        // What is started here stays on it too.
        using OneCpu pinned = new();
        await using PeerProgram? peer = Array.Find(s_peers, source => source.Peer == settings.Against) is { } source ? await PeerProgram.StartAsync(source) : null;
        await using RawPair raw = new();
        await using AgentDatagrams apart = await AgentDatagrams.ConnectAsync(settings, shareLoop: false);
        using BusySockets busy = new();
        await using AgentDatagrams together = await AgentDatagrams.ConnectAsync(settings, shareLoop: true);
        foreach (int size in s_sizes)
            results.Add(await MeasureOneWayAsync(settings, raw, apart, peer, size));
        results.AddRange(await MeasureRoundTripsAsync(settings, raw, apart, peer, "data.pingpong"));
        results.AddRange(await MeasureRoundTripsAsync(settings, raw, together, null, "data.pingpong-one-loop"));
        return results;
    }

    private async Task<BenchResult> MeasureOneWayAsync(BenchSettings settings, RawPair raw, AgentDatagrams agents, PeerProgram? peer, int size)
    {
        byte[] data = Make(size);
        raw.Arrived = agents.Arrived = OnArrived;
        raw.Returns = agents.Returns = false;
        JsonObject question = new() { ["cmd"] = "oneway", ["size"] = size, ["window"] = Window, ["windows"] = WindowsPerRun };
        Measured measured = await MeasureAsync(settings, pair => [Play(pair, data)], raw, agents, peer, question, "ns");
        raw.Arrived = agents.Arrived = null;
        return Report(settings, $"data.oneway.{size}", "ns", 50, measured, WindowsPerRun * Window, new()
        {
            ["figure"] = "processor time of the whole process for a datagram sent and received, median of the runs",
            ["runs"] = $"{settings.Runs} of {WindowsPerRun} x {Window} datagrams, agents and sockets in turns; {Window} are sent, then waited for",
            ["datagram"] = $"{size} bytes over 127.0.0.1",
        });
    }

    private static async Task<IReadOnlyList<BenchResult>> MeasureRoundTripsAsync(BenchSettings settings, RawPair raw, AgentDatagrams agents, PeerProgram? peer, string name)
    {
        byte[] data = Make(TripSize);
        raw.Returns = agents.Returns = true;
        JsonObject question = new() { ["cmd"] = "pingpong", ["size"] = TripSize, ["trips"] = TripsPerRun };
        Measured measured = await MeasureAsync(settings, Play, raw, agents, peer, question, "us");
        Dictionary<string, string> described = new()
        {
            ["figure"] = "time of a round trip, over all runs",
            ["runs"] = $"{settings.Runs} of {TripsPerRun} round trips, agents and sockets in turns",
            ["datagram"] = $"{TripSize} bytes over 127.0.0.1",
            ["loops"] = name.EndsWith("one-loop", StringComparison.Ordinal) ? "both agents are received for by one thread, as where other sockets are as busy" : "a thread for each agent",
        };
        return [Report(settings, $"{name}.p50", "us", 50, measured, TripsPerRun, described), Report(settings, $"{name}.p99", "us", 99, measured, TripsPerRun, described)];

        double[] Play(IDatagramPair pair)
        {
            double[] microseconds = new double[TripsPerRun];
            pair.SendAndReturn(data, microseconds);
            return microseconds;
        }
    }

    private static async Task<Measured> MeasureAsync(
        BenchSettings settings, Func<IDatagramPair, double[]> play, RawPair raw, AgentDatagrams agents, PeerProgram? peer, JsonObject question, string answer)
    {
        long allocated = 0;
        List<Func<Task<IReadOnlyList<double>>>> sides =
        [
            () => Task.FromResult<IReadOnlyList<double>>(play(raw)),
            () =>
            {
                long before = GC.GetTotalAllocatedBytes(precise: true);
                double[] samples = play(agents);
                // The array of the samples is the benchmark's own.
                allocated += GC.GetTotalAllocatedBytes(precise: true) - before - (samples.Length * sizeof(double)) - (3 * nint.Size);
                return Task.FromResult<IReadOnlyList<double>>(samples);
            },
        ];
        if (peer is not null)
            sides.Add(async () => peer.Numbers(await peer.AskAsync(question, s_limit), answer));
        _ = await Samples.InTurnsAsync(WarmUpRuns, sides);
        allocated = 0;
        IReadOnlyList<IReadOnlyList<double>> samples = await Samples.InTurnsAsync(settings.Runs, sides);
        return new Measured(samples[0], samples[1], peer is null ? null : samples[2], allocated);
    }

    private double Play(IDatagramPair pair, byte[] data)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < WindowsPerRun; i++)
        {
            for (int sent = 0; sent < Window; sent++)
                pair.Send(data);
            _received.Wait();
        }

        return (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / (Window * WindowsPerRun);
    }

    // One thread at a time receives.
    private void OnArrived()
    {
        if (++_arrived < Window)
            return;
        _arrived = 0;
        _received.Set();
    }

    private static BenchResult Report(
        BenchSettings settings, string name, string unit, double percentile, Measured measured, int operations, Dictionary<string, string> described)
    {
        described["sockets"] = settings.SocketFactory is null ? "the system's best" : "portable";
        described["processors"] = OperatingSystem.IsLinux() ? "1, all threads kept on it" : $"{Environment.ProcessorCount}";
        described["baseline"] = "two UDP sockets of the framework that are not connected: SendTo and ReceiveFrom with a SocketAddress, blocking, a thread for each";
        described["allocated_in_all"] = $"{measured.Allocated.ToString(CultureInfo.InvariantCulture)} bytes";
        described["runtime"] = RuntimeInformation.FrameworkDescription;
        return new()
        {
            Name = name,
            Value = Math.Round(Samples.Percentile(measured.Agents, percentile), 3),
            Unit = unit,
            Baseline = Math.Round(Samples.Percentile(measured.Raw, percentile), 3),
            AllocatedBytes = Math.Round((double)measured.Allocated / settings.Runs / operations, 2),
            Against = measured.Peer is null ? null : settings.Against,
            AgainstValue = measured.Peer is { } peer ? Math.Round(Samples.Percentile(peer, percentile), 3) : null,
            Settings = described,
        };
    }

    private static byte[] Make(int size)
    {
        byte[] data = new byte[size];
        Array.Fill(data, (byte)0xA5);
        return data;
    }

    private sealed record Measured(IReadOnlyList<double> Raw, IReadOnlyList<double> Agents, IReadOnlyList<double>? Peer, long Allocated);
}
