using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Ice;
using Stun;
using Turn;

namespace Bench;

/// <summary>What a datagram through a TURN channel costs the client, compared with one over plain UDP: sent, and received.</summary>
/// <remarks>
/// One agent sends over UDP to the relayed address of the other; the other reaches the same TURN server by ChannelData. Both ends that are not
/// measured are plain sockets of the benchmark, so that both figures have the same kernel work in them, and neither the server's work.
/// </remarks>
internal sealed class RelayCostBenchmark : IBenchmark
{
    private const int DatagramSize = 1200;
    private const int Batch = 32;
    private const int BatchesPerRun = 20;
    private const int WarmUpRuns = 50;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly byte[] _data = new byte[DatagramSize];

    public RelayCostBenchmark() => Array.Fill(_data, (byte)0xA5);

    public string Name => "relay-cost";

    public string Description => $"{DatagramSize} bytes through a TURN channel, the client's cost of sending and of receiving; baseline: plain UDP";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings)
    {
        using RelayHost host = new();
        using Gate plainGate = new(Batch);
        using Gate relayedGate = new(Batch);
        await using IceAgent plain = new(Options(IceRole.Controlling, plainGate, settings));
        await using IceAgent relayed = new(Options(IceRole.Controlled, relayedGate, settings) with
        {
            Policy = IceTransportPolicy.Relay,
            Servers = [new IceServer($"turn:{host.EndPoint}", RelayHost.User, RelayHost.Password)],
        });
        Connect(host, plain, relayed);
        UseChannel(host, plain, relayed);
        (Source plainSource, Source relayedSource) = MakeSources(host);

        List<double>[] samples = [[], [], [], []];
        long allocated = 0;
        for (int run = -WarmUpRuns; run < settings.Runs; run++)
        {
            if (run == 0)
            {
                Array.ForEach(samples, static list => list.Clear());
                allocated = GC.GetTotalAllocatedBytes(precise: true);
            }

            samples[0].Add(Least(() => Send(host, plain)));
            samples[1].Add(Least(() => Send(host, relayed)));
            samples[2].Add(Least(() => Receive(host, plainGate, plainSource)));
            samples[3].Add(Least(() => Receive(host, relayedGate, relayedSource)));
        }

        allocated = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / settings.Runs;
        return Report(settings, samples, allocated);
    }

    private static List<BenchResult> Report(BenchSettings settings, List<double>[] samples, long allocated)
    {
        Array.ForEach(samples, static list => list.Sort());
        Dictionary<string, string> described = new()
        {
            ["runs"] = $"{settings.Runs} of {BatchesPerRun} batches of {Batch} datagrams, channel and plain UDP in turns",
            ["figure"] = "median of the runs' best batches",
            ["datagram"] = $"{DatagramSize} bytes over 127.0.0.1",
            ["baseline"] = "the same agent over plain UDP",
            ["ratio"] = "value / baseline: what the channel costs, as a multiple of plain UDP",
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["processors"] = $"{Environment.ProcessorCount}",
        };
        return [Make("relay-cost.send", samples[0], samples[1]), Make("relay-cost.receive", samples[2], samples[3])];

        BenchResult Make(string name, List<double> baseline, List<double> value)
        {
            double channel = Samples.Percentile(value, 50);
            double plain = Samples.Percentile(baseline, 50);
            return new()
            {
                Name = name,
                Value = Math.Round(channel, 3),
                Unit = "us",
                Baseline = Math.Round(plain, 3),
                AllocatedBytes = allocated,
                Settings = described,
            };
        }
    }

    // Other processes and the server's turns only ever add to a batch.
    private static double Least(Func<double> measure)
    {
        double least = double.MaxValue;
        for (int i = 0; i < BatchesPerRun; i++)
            least = Math.Min(least, measure());
        return least;
    }

    private double Send(RelayHost host, IceAgent agent)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Batch; i++)
        {
            if (!agent.TrySend(_data))
                throw new InvalidOperationException("The agent could not send.");
        }

        double microseconds = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Batch;
        host.Pump(0);
        return microseconds;
    }

    private static double Receive(RelayHost host, Gate gate, Source source)
    {
        gate.Arm();
        source.Send(host);
        gate.WaitUntilReached();
        for (int i = 0; i < Batch; i++)
            source.Send(host);
        double microseconds = gate.OpenAndMeasure();
        host.Pump(0);
        return microseconds;
    }

    private static IceAgentOptions Options(IceRole role, Gate gate, BenchSettings settings) => new()
    {
        Role = role,
        BindAddresses = [IPAddress.Loopback],
        IncludeLoopback = true,
        DatagramHandler = (_, _, _) => gate.OnDatagram(),
        SocketFactory = settings.SocketFactory,
    };

    private static void Connect(RelayHost host, IceAgent plain, IceAgent relayed)
    {
        plain.StartGathering();
        relayed.StartGathering();
        PumpUntil(host, () => relayed.GatheringState == GatheringState.Complete);
        Signal(plain, relayed);
        Signal(relayed, plain);
        Task both = Task.WhenAll(plain.ConnectAsync(), relayed.ConnectAsync());
        PumpUntil(host, () => both.IsCompletedSuccessfully);
    }

    // Until both directions of the server have used the channel.
    private void UseChannel(RelayHost host, IceAgent plain, IceAgent relayed)
    {
        PumpUntil(host, () =>
        {
            _ = relayed.TrySend(_data);
            _ = plain.TrySend(_data);
            return host.ChannelDataReceived > 0 && host.LastToClient.Channel != 0;
        });
        host.IsSink = true;
    }

    private (Source Plain, Source Relayed) MakeSources(RelayHost host)
    {
        byte[] frame = new byte[DatagramSize + ChannelData.HeaderLength];
        _ = ChannelData.Write(frame, host.LastToClient.Channel, _data, stream: false);
        return (new Source(_data, host.LastToPeer.Relay, host.LastToPeer.Peer), new Source(frame, null, host.LastToClient.Client));
    }

    private static void PumpUntil(RelayHost host, Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > s_limit)
                throw new TimeoutException("The agents did not connect through the channel within 30 s.");
            host.Pump(1000);
        }
    }

    private static void Signal(IceAgent from, IceAgent to)
    {
        to.SetRemoteParameters(from.LocalParameters);
        foreach (IceCandidate candidate in from.LocalCandidates)
            to.AddRemoteCandidate(candidate);
        to.AddRemoteCandidate(null);
    }

    /// <summary>The same datagram again and again, from the server or from one of its relays.</summary>
    private sealed class Source
    {
        private readonly byte[] _datagram;
        private readonly RelayId? _relay;
        private readonly SocketAddress _destination = new(AddressFamily.InterNetwork);

        public Source(byte[] datagram, RelayId? relay, TransportAddress destination)
        {
            _datagram = datagram;
            _relay = relay;
            RelayHost.Write(destination, _destination);
        }

        public void Send(RelayHost host)
        {
            if (_relay is { } relay)
                host.SendToPeer(relay, _datagram, _destination);
            else
                host.SendToClient(_datagram, _destination);
        }
    }
}
