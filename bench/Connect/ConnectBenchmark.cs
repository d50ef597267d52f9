using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Ice;
using Ice.Core;

namespace Bench;

/// <summary>How long two agents of this process take over 127.0.0.1, from "candidates exchanged" until both are connected.</summary>
internal sealed class ConnectBenchmark : IBenchmark
{
    private const int WarmUpRuns = 20;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    public string Name => "connect";

    public string Description => "two agents over 127.0.0.1, from candidates exchanged to both connected: p50, p95, max";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings)
    {
        for (int i = 0; i < WarmUpRuns; i++)
            await ConnectOnceAsync(settings);
        List<double> milliseconds = new(settings.Runs);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < settings.Runs; i++)
            milliseconds.Add(await ConnectOnceAsync(settings));
        long allocated = (GC.GetTotalAllocatedBytes(precise: true) - before) / settings.Runs;

        milliseconds.Sort();
        Dictionary<string, string> described = new()
        {
            ["runs"] = $"{settings.Runs} after {WarmUpRuns} to warm up",
            ["path"] = "host to host, 127.0.0.1, one component",
            ["Ta"] = $"{new IceAgentOptions().Pacing.TotalMilliseconds} ms",
            ["pacer"] = "5 ms over both agents, as in a process that connects one pair",
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["processors"] = $"{Environment.ProcessorCount}",
        };
        return
        [
            Make("connect.p50", Samples.Percentile(milliseconds, 50), allocated, described),
            Make("connect.p95", Samples.Percentile(milliseconds, 95), allocated, described),
            Make("connect.max", milliseconds[^1], allocated, described),
        ];
    }

    private static BenchResult Make(string name, double value, long allocated, IReadOnlyDictionary<string, string> settings) =>
        new() { Name = name, Value = Math.Round(value, 4), Unit = "ms", AllocatedBytes = allocated, Settings = settings };

    private static async Task<double> ConnectOnceAsync(BenchSettings settings)
    {
        // The process's own pacer would carry over what the run before has spent.
        Pacer pacer = new(IceDefaults.MinimumPacing);
        await using IceAgent left = MakeAgent(IceRole.Controlling, pacer, settings);
        await using IceAgent right = MakeAgent(IceRole.Controlled, pacer, settings);
        left.StartGathering();
        right.StartGathering();
        IReadOnlyList<IceCandidate> leftCandidates = left.LocalCandidates;
        IReadOnlyList<IceCandidate> rightCandidates = right.LocalCandidates;

        long start = Stopwatch.GetTimestamp();
        Signal(left, leftCandidates, right);
        Signal(right, rightCandidates, left);
        await left.ConnectAsync().WaitAsync(s_limit);
        await right.ConnectAsync().WaitAsync(s_limit);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static IceAgent MakeAgent(IceRole role, Pacer pacer, BenchSettings settings) => new(new IceAgentOptions
    {
        Role = role,
        Pacer = pacer,
        BindAddresses = [IPAddress.Loopback],
        IncludeLoopback = true,
        SocketFactory = settings.SocketFactory,
    });

    private static void Signal(IceAgent from, IReadOnlyList<IceCandidate> candidates, IceAgent to)
    {
        to.SetRemoteParameters(from.LocalParameters);
        foreach (IceCandidate candidate in candidates)
            to.AddRemoteCandidate(candidate);
        to.AddRemoteCandidate(null);
    }
}
