using System.Diagnostics;
using System.Runtime;
using System.Runtime.InteropServices;
using Ice;

namespace Bench;

/// <summary>Many pairs of agents at once in this process: how long until all are connected, and what each costs.</summary>
internal sealed class ManyBenchmark : IBenchmark
{
    private const int DefaultPairs = 1000;

    // .NET compiles what is used much a second and a third time, beside the work and on the same processors: what counts begins when it is done.
    // It begins late, and makes pauses.
    private const int MinWarmUpRuns = 15;
    private const int MaxWarmUpRuns = 60;
    private const int QuietRuns = 3;
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    public string Name => "many";

    public string Description => $"--pairs N ({DefaultPairs}) pairs at once over 127.0.0.1: wall time from candidates exchanged until all are connected, processor time of each pair";

    public int DefaultRuns => 7;

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings)
    {
        int count = settings.Pairs ?? DefaultPairs;
        OpenFiles.Require(count * 2);
        int warmUpRuns = await WarmUpAsync(count, settings);
        List<Sample> samples = [];
        for (int i = 0; i < settings.Runs; i++)
        {
            settings.Progress.Report("runs", i, settings.Runs);
            samples.Add(await RunOnceAsync(count, settings));
        }

        Dictionary<string, string> described = new()
        {
            ["pairs"] = $"{count}, each of two agents with one component and one socket on 127.0.0.1",
            ["runs"] = $"median of {settings.Runs} after {warmUpRuns} to warm up, until .NET's compiler was done",
            ["pacer"] = AgentPair.DescribePacer(settings),
            ["wall time"] = "from the first candidate handed in until the last agent was connected; made: until all agents had gathered",
            ["processor time"] = "of the whole process: making, gathering and connecting, garbage collection included, for a pair",
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["processors"] = $"{Environment.ProcessorCount}",
        };
        double allocated = Middle(static sample => sample.Allocated);
        return
        [
            Make("many.connected", "ms", Middle(static sample => sample.ConnectedMs)),
            Make("many.made", "ms", Middle(static sample => sample.MadeMs)),
            Make("many.cpu", "ms", Middle(static sample => sample.CpuMs)),
            Make("many.cpu.connecting", "ms", Middle(static sample => sample.ConnectingCpuMs)),
            Make("many.stun", "msgs", Middle(static sample => sample.Messages)),
        ];

        double Middle(Func<Sample, double> read) => Samples.Median([.. samples.Select(read)]);

        BenchResult Make(string name, string unit, double value) =>
            new() { Name = name, Value = value, Unit = unit, AllocatedBytes = allocated, Settings = described };
    }

    private static async Task<int> WarmUpAsync(int count, BenchSettings settings)
    {
        int quiet = 0;
        for (int run = 1; ; run++)
        {
            TimeSpan compiling = JitInfo.GetCompilationTime();
            _ = await RunOnceAsync(count, settings);
            quiet = JitInfo.GetCompilationTime() - compiling < s_quiet ? quiet + 1 : 0;
            if (run >= MaxWarmUpRuns || (run >= MinWarmUpRuns && quiet >= QuietRuns))
                return run;
            settings.Progress.Report($"warming up, run {run}");
        }
    }

    private static async Task<Sample> RunOnceAsync(int count, BenchSettings settings)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        AgentPair[] pairs = new AgentPair[count];
        IceAgentOptions left = AgentPair.Options(IceRole.Controlling, settings);
        IceAgentOptions right = AgentPair.Options(IceRole.Controlled, settings);
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
            pairs[i] = new AgentPair(left, right);
        TimeSpan made = Stopwatch.GetElapsedTime(start);
        TimeSpan cpuMade = Environment.CpuUsage.TotalTime - cpu;

        start = Stopwatch.GetTimestamp();
        foreach (AgentPair pair in pairs)
            pair.Signal();
        foreach (AgentPair pair in pairs)
            await pair.ConnectedAsync().WaitAsync(s_limit);
        TimeSpan connected = Stopwatch.GetElapsedTime(start);
        cpu = Environment.CpuUsage.TotalTime - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        long messages = pairs.Sum(static pair => pair.StunSent);
        foreach (AgentPair pair in pairs)
            await pair.DisposeAsync();
        return new Sample(
            made.TotalMilliseconds,
            connected.TotalMilliseconds,
            cpu.TotalMilliseconds / count,
            (cpu - cpuMade).TotalMilliseconds / count,
            (double)messages / count,
            allocated / count);
    }

    private readonly record struct Sample(double MadeMs, double ConnectedMs, double CpuMs, double ConnectingCpuMs, double Messages, long Allocated);
}
