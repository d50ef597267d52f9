using System.Net;
using System.Runtime;
using System.Runtime.InteropServices;
using Ice;

namespace Bench;

/// <summary>Many connected agents that send nothing but consent checks (RFC 7675): what each holds in memory and costs in processor time.</summary>
internal sealed class IdleBenchmark : IBenchmark
{
    private const int DefaultPairs = 5000;
    private const int WarmUpPairs = 250;
    private const int MaxWarmUpRuns = 6;

    // .NET compiles what is used much a second and a third time, and needs some MB for it that it does not give back: they are no agent's.
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(50);

    // So many at once: what they need only while they connect is used again by the next.
    private const int Batch = 250;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    // Each agent has made a consent check once: code that had to be compiled was.
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(7);

    public string Name => "idle";

    public string Description => $"--pairs N ({DefaultPairs}) connected pairs with consent every 4 to 6 s: memory of each agent, processor time of each over --seconds S";

    public int DefaultRuns => 1;

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings)
    {
        int count = settings.Pairs ?? DefaultPairs;
        int agents = count * 2;
        if (!settings.Mux)
            OpenFiles.Require(agents);
        await using IceUdpMux? left = settings.Mux ? Bind() : null;
        await using IceUdpMux? right = settings.Mux ? Bind() : null;
        Task<AgentPair[]> ConnectAsync(int pairCount) =>
            ConnectPairsAsync(pairCount, AgentPair.Options(IceRole.Controlling, settings, left), AgentPair.Options(IceRole.Controlled, settings, right));
        await WarmUpAsync(() => ConnectAsync(WarmUpPairs), settings);
        Memory baseline = await Memory.ReadAsync();
        settings.Progress.Report($"connecting {count} pairs");
        AgentPair[] pairs = await ConnectAsync(count);
        settings.Progress.Report($"measuring for {settings.Interval.TotalSeconds:0} s");
        await Task.Delay(s_settling);
        Memory memory = await Memory.ReadAsync() - baseline;

        List<double> processor = [];
        long messages = 0;
        long checks = 0;
        long allocated = 0;
        for (int run = 0; run < settings.Runs; run++)
        {
            messages -= pairs.Sum(static pair => pair.StunSent);
            checks -= pairs.Sum(static pair => pair.ConsentSent);
            allocated -= GC.GetTotalAllocatedBytes(precise: true);
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            await Task.Delay(settings.Interval);
            processor.Add((Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / agents / settings.Interval.TotalSeconds);
            allocated += GC.GetTotalAllocatedBytes(precise: true);
            messages += pairs.Sum(static pair => pair.StunSent);
            checks += pairs.Sum(static pair => pair.ConsentSent);
        }

        if (!Array.TrueForAll(pairs, static pair => pair.IsConnected))
            throw new BenchException("An agent lost its connection while it was idle: the figures would be those of others.");
        await DisposeAsync(pairs);
        pairs = [];
        Memory remaining = await Memory.ReadAsync() - baseline;

        double agentSeconds = agents * settings.Interval.TotalSeconds * settings.Runs;
        Dictionary<string, string> described = new()
        {
            ["agents"] = $"{agents}, each with one component" + (settings.Mux ? ", half of them behind one port of 127.0.0.1, half behind another" : " and one socket on 127.0.0.1"),
            ["interval"] = $"{settings.Interval.TotalSeconds:0.#} s, {settings.Runs} time(s), the median",
            ["consent"] = "RFC 7675, each agent every 4 to 6 s",
            ["memory"] = "resident set of the process after a full collection, less that before the agents were made, when .NET's compiler was done; without the system's own for sockets",
            ["pacer"] = AgentPair.DescribePacer(settings),
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["processors"] = $"{Environment.ProcessorCount}",
        };
        double each = allocated / agentSeconds;
        return
        [
            Make("idle.resident", "KB", memory.Resident / 1024.0 / agents),
            Make("idle.managed", "KB", memory.Managed / 1024.0 / agents),
            Make("idle.cpu", "us/s", Samples.Median(processor)),
            Make("idle.datagrams", "1/s", messages / agentSeconds),
            Make("idle.consent", "1/s", checks / agentSeconds),
            Make("idle.left", "KB", remaining.Managed / 1024.0 / agents),
        ];

        BenchResult Make(string name, string unit, double value) =>
            new() { Name = name, Value = value, Unit = unit, AllocatedBytes = each, Settings = described };
    }

    private static async Task WarmUpAsync(Func<Task<AgentPair[]>> connectAsync, BenchSettings settings)
    {
        for (int run = 1; run <= MaxWarmUpRuns; run++)
        {
            settings.Progress.Report($"warming up, run {run}");
            TimeSpan compiling = JitInfo.GetCompilationTime();
            AgentPair[] pairs = await connectAsync();
            await Task.Delay(s_settling);
            await DisposeAsync(pairs);
            if (JitInfo.GetCompilationTime() - compiling < s_quiet)
                return;
        }
    }

    private static IceUdpMux Bind() => IceUdpMux.Bind(new IceUdpMuxOptions { Addresses = [IPAddress.Loopback] });

    private static async Task<AgentPair[]> ConnectPairsAsync(int count, IceAgentOptions left, IceAgentOptions right)
    {
        AgentPair[] pairs = new AgentPair[count];
        for (int begin = 0; begin < count; begin += Batch)
        {
            int end = Math.Min(begin + Batch, count);
            for (int i = begin; i < end; i++)
                pairs[i] = new AgentPair(left, right);
            for (int i = begin; i < end; i++)
                pairs[i].Signal();
            for (int i = begin; i < end; i++)
                await pairs[i].ConnectedAsync().WaitAsync(s_limit);
        }

        return pairs;
    }

    private static async Task DisposeAsync(AgentPair[] pairs)
    {
        foreach (AgentPair pair in pairs)
            await pair.DisposeAsync();
    }

    private readonly record struct Memory(long Resident, long Managed)
    {
        public static async Task<Memory> ReadAsync()
        {
            // Off the stack of what held the agents so far.
            await Task.Yield();
            for (int i = 0; i < 3; i++)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
            }

            return new Memory(Environment.WorkingSet, GC.GetTotalMemory(forceFullCollection: true));
        }

        public static Memory operator -(Memory left, Memory right) => new(left.Resident - right.Resident, left.Managed - right.Managed);
    }
}
