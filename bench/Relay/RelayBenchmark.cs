using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Ice;
using Turn;

namespace Bench;

/// <summary>Datagrams a second through a channel of coturn, both ways, compared with ready-made ChannelData frames over the same socket.</summary>
/// <remarks>
/// A relayed agent and one without a relay. The baseline has no agent on the relayed side: its frames are made once and sent from the socket of the
/// agent, and those that come are counted where the socket hands them over. Everything else is the same, coturn and the other side included.
/// </remarks>
internal sealed class RelayBenchmark : IBenchmark
{
    private const int Size = 1200;
    private const int WarmUpRuns = 10;

    // What may be under way.
    private const int Window = 256;
    private static readonly TimeSpan s_run = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_lost = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly byte[] _data = new byte[Size];
    private long _atPlain;
    private long _atRelayed;

    public RelayBenchmark() => Array.Fill(_data, (byte)0xA5);

    public string Name => "relay";

    public string Description => $"datagrams of {Size} bytes a second through a channel of coturn, both ways; baseline: ready-made ChannelData frames";

    public int DefaultRuns => 30;

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings)
    {
        using CoturnProcess coturn = new();
        List<TappedSocket> sockets = [];
        await using IceAgent plain = new(Options(IceRole.Controlling) with { DatagramHandler = (_, _, _) => Volatile.Write(ref _atPlain, _atPlain + 1) });
        await using IceAgent relayed = new(Options(IceRole.Controlled) with
        {
            DatagramHandler = (_, _, _) => Volatile.Write(ref _atRelayed, _atRelayed + 1),
            Policy = IceTransportPolicy.Relay,
            Servers = [new IceServer($"turn:{coturn.EndPoint}", CoturnProcess.User, CoturnProcess.Password)],
            SocketFactory = local =>
            {
                TappedSocket socket = new(local);
                sockets.Add(socket);
                return socket;
            },
        });
        await ConnectAsync(plain, relayed);
        TappedSocket tapped = sockets[0];
        await BindAsync(plain, relayed, tapped);
        byte[] frame = new byte[Size + ChannelData.HeaderLength];
        _ = ChannelData.Write(frame, tapped.Channel, _data, stream: false);
        SocketAddress server = coturn.EndPoint.Serialize();

        long allocated = 0;
        long sent = 0;
        Func<Task<IReadOnlyList<double>>>[] sides =
        [
            () => One(() => tapped.TrySendTo(frame, server), () => Volatile.Read(ref _atPlain)),
            () => Counted(() => relayed.TrySend(_data), () => Volatile.Read(ref _atPlain)),
            () => One(() => plain.TrySend(_data), () => tapped.Taken, takes => tapped.Takes = takes),
            () => Counted(() => plain.TrySend(_data), () => Volatile.Read(ref _atRelayed)),
        ];
        _ = await Samples.InTurnsAsync(WarmUpRuns, sides);
        allocated = sent = 0;
        IReadOnlyList<IReadOnlyList<double>> rates = await Samples.InTurnsAsync(settings.Runs, sides);
        Dictionary<string, string> described = new()
        {
            ["figure"] = "datagrams a second, median of the runs",
            ["runs"] = $"{settings.Runs} of {s_run.TotalMilliseconds} ms, in turns, {Window} under way at most",
            ["datagram"] = $"{Size} bytes over 127.0.0.1",
            ["baseline"] = "frames made once and sent from the same socket; frames counted where the socket hands them over",
            ["server"] = "coturn, 2 relay threads",
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["processors"] = $"{Environment.ProcessorCount}",
        };
        double each = (double)allocated / sent;
        return [Make("relay.send", rates[1], rates[0]), Make("relay.receive", rates[3], rates[2])];

        BenchResult Make(string name, IReadOnlyList<double> value, IReadOnlyList<double> baseline) => new()
        {
            Name = name,
            Value = Samples.Median(value),
            Unit = "1/s",
            Baseline = Samples.Median(baseline),
            AllocatedBytes = each,
            Settings = described,
        };

        Task<IReadOnlyList<double>> Counted(Action send, Func<long> arrived)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            long already = arrived();
            double rate = Flood(send, arrived);
            allocated += GC.GetTotalAllocatedBytes(precise: true) - before;
            sent += arrived() - already;
            return Task.FromResult<IReadOnlyList<double>>([rate]);
        }
    }

    private static Task<IReadOnlyList<double>> One(Action send, Func<long> arrived, Action<bool>? take = null)
    {
        take?.Invoke(true);
        double rate = Flood(send, arrived);
        take?.Invoke(false);
        return Task.FromResult<IReadOnlyList<double>>([rate]);
    }

    // What arrives late is counted in the next turn of the same side at most: nothing is under way when it begins.
    private static double Flood(Action send, Func<long> arrived)
    {
        long first = arrived();
        long start = Stopwatch.GetTimestamp();
        long seen = first;
        long seenAt = start;
        long under = 0;
        while (Stopwatch.GetElapsedTime(start) < s_run)
        {
            long now = arrived();
            if (now != seen)
            {
                under -= now - seen;
                (seen, seenAt) = (now, Stopwatch.GetTimestamp());
            }
            else if (under >= Window && Stopwatch.GetElapsedTime(seenAt) > s_lost)
            {
                // The rest of them was lost.
                under = 0;
                seenAt = Stopwatch.GetTimestamp();
            }

            if (under >= Window)
            {
                Thread.Yield();
                continue;
            }

            send();
            under++;
        }

        double rate = (arrived() - first) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        long quiet = Stopwatch.GetTimestamp();
        for (long last = arrived(); Stopwatch.GetElapsedTime(quiet) < s_lost;)
        {
            long now = arrived();
            if (now != last)
                (last, quiet) = (now, Stopwatch.GetTimestamp());
            Thread.Yield();
        }

        return rate;
    }

    private static IceAgentOptions Options(IceRole role) => new() { Role = role, BindAddresses = [IPAddress.Loopback], IncludeLoopback = true };

    private static async Task ConnectAsync(IceAgent plain, IceAgent relayed)
    {
        await Task.WhenAll(GatherAsync(plain), GatherAsync(relayed)).WaitAsync(s_limit);
        if (relayed.LocalCandidates.Count == 0)
            throw new BenchException("coturn gave no relayed candidate: does turnserver start on this machine?");
        Signal(plain, relayed);
        Signal(relayed, plain);
        await Task.WhenAll(plain.ConnectAsync(), relayed.ConnectAsync()).WaitAsync(s_limit);
    }

    // Until what comes to the relayed agent comes by its channel.
    private async Task BindAsync(IceAgent plain, IceAgent relayed, TappedSocket tapped)
    {
        long start = Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(10));
        while (tapped.Channel == 0)
        {
            if (Stopwatch.GetElapsedTime(start) > s_limit)
                throw new BenchException("The agents did not connect through a channel within 30 s.");
            _ = plain.TrySend(_data);
            _ = relayed.TrySend(_data);
            await timer.WaitForNextTickAsync();
        }
    }

    private static async Task GatherAsync(IceAgent agent)
    {
        await foreach (IceCandidate _ in agent.GatherAsync())
        {
        }
    }

    private static void Signal(IceAgent from, IceAgent to)
    {
        to.SetRemoteParameters(from.LocalParameters);
        foreach (IceCandidate candidate in from.LocalCandidates)
            to.AddRemoteCandidate(candidate);
        to.AddRemoteCandidate(null);
    }
}
