using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Ice;

namespace Bench;

/// <summary>How many datagrams a second go through a connected pair when they are sent in batches, compared with one by one.</summary>
internal sealed class DataBatchBenchmark : IBenchmark
{
    private const int Size = 1200;
    private const int Batch = 50;
    private const int BatchesPerRelayRun = 20;
    private const int WarmUpRuns = 10;

    // What may be under way: more would not fit the receive buffer, and be lost.
    private const int Credit = 400;

    private static readonly TimeSpan s_run = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_lost = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly byte[] _data = new byte[Batch * Size];
    private long _received;

    public DataBatchBenchmark() => Array.Fill(_data, (byte)0xA5);

    public string Name => "data-batch";

    public string Description => "datagrams a second through a connected pair in batches; baseline: the same one by one";

    public int DefaultRuns => 60;

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings)
    {
        List<BenchResult> results = [];
        await using (Agents plain = new(settings, coalesces: false, OnArrived))
        await using (Agents coalescing = new(settings, coalesces: true, OnArrived))
        {
            await plain.ConnectAsync();
            await coalescing.ConnectAsync();
            long allocated = 0;
            long sent = 0;
            List<Func<Task<IReadOnlyList<double>>>> sides =
            [
                () => Task.FromResult<IReadOnlyList<double>>([Flood(plain.Left, 1)]),
                () => Task.FromResult<IReadOnlyList<double>>([Counted(plain.Left)]),
                () => Task.FromResult<IReadOnlyList<double>>([Counted(coalescing.Left)]),
            ];
            _ = await Samples.InTurnsAsync(WarmUpRuns, sides);
            allocated = sent = 0;
            IReadOnlyList<IReadOnlyList<double>> rates = await Samples.InTurnsAsync(settings.Runs, sides);
            results.Add(Report(settings, "data-batch.plain", "1/s", rates[1], rates[0], (double)allocated / sent, "a receiver that takes each datagram from the system"));
            results.Add(Report(settings, "data-batch.coalescing", "1/s", rates[2], rates[0], (double)allocated / sent, "a receiver with ReceiveCoalescing"));

            double Counted(IceAgent agent)
            {
                long before = GC.GetTotalAllocatedBytes(precise: true);
                long already = _received;
                double rate = Flood(agent, Batch);
                allocated += GC.GetTotalAllocatedBytes(precise: true) - before;
                sent += _received - already;
                return rate;
            }
        }

        results.Add(await MeasureRelayAsync(settings));
        return results;
    }

    private void OnArrived() => Volatile.Write(ref _received, _received + 1);

    private double Flood(IceAgent agent, int batch)
    {
        long start = Stopwatch.GetTimestamp();
        long first = Volatile.Read(ref _received);
        long sent = first;
        TimeSpan elapsed;
        while ((elapsed = Stopwatch.GetElapsedTime(start)) < s_run)
        {
            if (batch == 1)
            {
                for (int i = 0; i < Batch; i++)
                    sent += agent.TrySend(_data.AsSpan(0, Size)) ? 1 : 0;
            }
            else
            {
                sent += agent.TrySendBatch(_data, Size);
            }

            sent = WaitForCredit(sent, Credit);
        }

        double rate = (Volatile.Read(ref _received) - first) / elapsed.TotalSeconds;
        _ = WaitForCredit(sent, 0);
        return rate;
    }

    /// <returns>How many were sent, without those that seem to be lost.</returns>
    private long WaitForCredit(long sent, int credit)
    {
        long seen = Volatile.Read(ref _received);
        long since = Stopwatch.GetTimestamp();
        while (sent - Volatile.Read(ref _received) > credit)
        {
            Thread.SpinWait(20);
            if (Volatile.Read(ref _received) is var now && now != seen)
                (seen, since) = (now, Stopwatch.GetTimestamp());
            else if (Stopwatch.GetElapsedTime(since) > s_lost)
                return now;
        }

        return sent;
    }

    private async Task<BenchResult> MeasureRelayAsync(BenchSettings settings)
    {
        using RelayHost host = new();
        await using IceAgent plain = new(Agents.Options(IceRole.Controlling, settings));
        await using IceAgent relayed = new(Agents.Options(IceRole.Controlled, settings) with
        {
            Policy = IceTransportPolicy.Relay,
            Servers = [new IceServer($"turn:{host.EndPoint}", RelayHost.User, RelayHost.Password)],
        });
        plain.StartGathering();
        relayed.StartGathering();
        PumpUntil(host, () => relayed.GatheringState == GatheringState.Complete);
        Agents.Introduce(plain, relayed);
        Task both = Task.WhenAll(plain.ConnectAsync(), relayed.ConnectAsync());
        PumpUntil(host, () => both.IsCompletedSuccessfully);
        PumpUntil(host, () =>
        {
            _ = relayed.TrySend(_data.AsSpan(0, Size));
            return host.ChannelDataReceived > 0;
        });
        host.IsSink = true;
        List<Func<Task<IReadOnlyList<double>>>> sides =
        [
            () => Task.FromResult<IReadOnlyList<double>>([Send(host, () => SendEach(relayed))]),
            () => Task.FromResult<IReadOnlyList<double>>([Send(host, () => relayed.TrySendBatch(_data, Size))]),
        ];
        _ = await Samples.InTurnsAsync(WarmUpRuns, sides);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        IReadOnlyList<IReadOnlyList<double>> rates = await Samples.InTurnsAsync(settings.Runs, sides);
        double allocated = (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / (settings.Runs * BatchesPerRelayRun * Batch * 2);
        return Report(settings, "data-batch.channel", "1/s", rates[1], rates[0], allocated, "ChannelData to a TURN server's socket; the sender's time alone");
    }

    private int SendEach(IceAgent agent)
    {
        int sent = 0;
        for (int i = 0; i < Batch; i++)
            sent += agent.TrySend(_data.AsSpan(0, Size)) ? 1 : 0;
        return sent;
    }

    private static double Send(RelayHost host, Func<int> send)
    {
        double best = 0;
        for (int i = 0; i < BatchesPerRelayRun; i++)
        {
            long start = Stopwatch.GetTimestamp();
            int sent = send();
            best = Math.Max(best, sent / Stopwatch.GetElapsedTime(start).TotalSeconds);
            host.Pump(0);
        }

        return best;
    }

    private static void PumpUntil(RelayHost host, Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > s_limit)
                throw new BenchException("The agents did not connect through the relay within 30 s.");
            host.Pump(1000);
        }
    }

    private static BenchResult Report(
        BenchSettings settings, string name, string unit, IReadOnlyList<double> value, IReadOnlyList<double> baseline, double allocated, string to) => new()
        {
            Name = name,
            Value = Math.Round(Samples.Median(value)),
            Unit = unit,
            Baseline = Math.Round(Samples.Median(baseline)),
            AllocatedBytes = Math.Round(allocated, 2),
            Settings = new Dictionary<string, string>
            {
                ["figure"] = "datagrams a second, median of the runs",
                ["to"] = to,
                ["runs"] = $"{settings.Runs}, in turns; flooded for {s_run.TotalMilliseconds} ms each with {Credit} under way, or {BatchesPerRelayRun} batches through a channel",
                ["datagram"] = $"{Size} bytes over 127.0.0.1, {Batch} at once",
                ["baseline"] = "the same agents, TrySend for each, to a receiver that takes each",
                ["sockets"] = settings.SocketFactory is null ? "the system's best" : "portable",
                ["processors"] = $"{Environment.ProcessorCount}",
                ["runtime"] = RuntimeInformation.FrameworkDescription,
            },
        };

    /// <summary>Two connected agents.</summary>
    private sealed class Agents(BenchSettings settings, bool coalesces, Action arrived) : IAsyncDisposable
    {
        private readonly IceAgent _right = new(Options(IceRole.Controlled, settings) with { DatagramHandler = (_, _, _) => arrived(), ReceiveCoalescing = coalesces });

        public IceAgent Left { get; } = new(Options(IceRole.Controlling, settings));

        public static IceAgentOptions Options(IceRole role, BenchSettings settings) => new()
        {
            Role = role,
            BindAddresses = [IPAddress.Loopback],
            IncludeLoopback = true,
            SocketFactory = settings.SocketFactory,
        };

        public static void Introduce(IceAgent left, IceAgent right)
        {
            Signal(left, right);
            Signal(right, left);
        }

        public async Task ConnectAsync()
        {
            Left.StartGathering();
            _right.StartGathering();
            Introduce(Left, _right);
            await Task.WhenAll(Left.ConnectAsync(), _right.ConnectAsync());
        }

        public async ValueTask DisposeAsync()
        {
            await Left.DisposeAsync();
            await _right.DisposeAsync();
        }

        private static void Signal(IceAgent from, IceAgent to)
        {
            to.SetRemoteParameters(from.LocalParameters);
            foreach (IceCandidate candidate in from.LocalCandidates)
                to.AddRemoteCandidate(candidate);
            to.AddRemoteCandidate(null);
        }
    }
}
