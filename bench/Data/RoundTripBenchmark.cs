using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Ice;

namespace Bench;

/// <summary>Datagrams there and back between two connected agents of this process: time and allocation of each round trip.</summary>
internal sealed class RoundTripBenchmark : IBenchmark
{
    private const int DatagramSize = 1200;
    private const int PerRun = 1000;
    private const int WarmUp = 5000;

    public string Name => "roundtrip";

    public string Description => $"{DatagramSize} bytes there and back between two connected agents over 127.0.0.1; each run is {PerRun} round trips";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings)
    {
        await using IceAgent left = MakeAgent(IceRole.Controlling, settings);
        await using IceAgent right = MakeAgent(IceRole.Controlled, settings);
        left.StartGathering();
        right.StartGathering();
        Signal(left, right);
        Signal(right, left);
        await Task.WhenAll(left.ConnectAsync(), right.ConnectAsync());
        await PlayAsync(left, right, WarmUp);

        List<double> microseconds = new(settings.Runs);
        List<double> processor = new(settings.Runs);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < settings.Runs; i++)
        {
            TimeSpan used = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            await PlayAsync(left, right, PerRun);
            microseconds.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / PerRun);
            processor.Add((Environment.CpuUsage.TotalTime - used).TotalMicroseconds / PerRun);
        }

        long allocated = (GC.GetTotalAllocatedBytes(precise: true) - before) / settings.Runs;
        microseconds.Sort();
        processor.Sort();
        Dictionary<string, string> described = new()
        {
            ["runs"] = $"{settings.Runs} of {PerRun} round trips",
            ["datagram"] = $"{DatagramSize} bytes",
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["processors"] = $"{Environment.ProcessorCount}",
        };
        return
        [
            Make("roundtrip.p50", Samples.Percentile(microseconds, 50), allocated, described),
            Make("roundtrip.p95", Samples.Percentile(microseconds, 95), allocated, described),
            Make("roundtrip.max", microseconds[^1], allocated, described),
            Make("roundtrip.cpu", Samples.Percentile(processor, 50), allocated, described),
        ];
    }

    private static BenchResult Make(string name, double value, long allocated, IReadOnlyDictionary<string, string> settings) =>
        new() { Name = name, Value = Math.Round(value, 2), Unit = "us", AllocatedBytes = allocated, Settings = settings };

    private static async Task PlayAsync(IceAgent left, IceAgent right, int count)
    {
        ReadOnlyMemory<byte> data = new byte[DatagramSize];
        byte[] buffer = new byte[2048];
        for (int i = 0; i < count; i++)
        {
            await left.SendAsync(data);
            await right.ReceiveAsync(buffer);
            await right.SendAsync(data);
            await left.ReceiveAsync(buffer);
        }
    }

    private static IceAgent MakeAgent(IceRole role, BenchSettings settings) =>
        new(new IceAgentOptions { Role = role, BindAddresses = [IPAddress.Loopback], IncludeLoopback = true, SocketFactory = settings.SocketFactory });

    private static void Signal(IceAgent from, IceAgent to)
    {
        to.SetRemoteParameters(from.LocalParameters);
        foreach (IceCandidate candidate in from.LocalCandidates)
            to.AddRemoteCandidate(candidate);
        to.AddRemoteCandidate(null);
    }
}
