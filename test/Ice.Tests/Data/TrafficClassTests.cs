using System.Collections.Concurrent;
using System.Threading.Channels;
using Ice.Net;
using Ice.Testing;

namespace Ice.Tests;

[Platform("Linux")]
public sealed class TrafficClassTests
{
    private const int RoundTrips = 5_000;
    private const int Attempts = 5;

    private static readonly TrafficClass s_video = new(34, EcnCodepoint.Ect0);
    private static readonly TrafficClass s_congested = new(34, EcnCodepoint.CongestionExperienced);

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task A_datagram_arrives_with_the_DSCP_and_the_ECN_that_it_was_sent_with(string address)
    {
        await using AgentPair pair = await AgentPair.ConnectedAsync(ReceivesMarks, ReceivesMarks, address);
        byte[] buffer = new byte[100];
        Assert.That(pair.Left.Components[0].Marking, Is.EqualTo(DatagramMarking.SendPerSocket | DatagramMarking.SendPerDatagram | DatagramMarking.Receive));
        foreach (TrafficClass sent in new[] { s_video, s_congested, default, new TrafficClass(63, EcnCodepoint.Ect1) })
        {
            Assert.That(pair.Left.TrySend([1], sent), Is.True);
            await pair.Left.SendAsync(new byte[2], sent);
            for (int length = 1; length <= 2; length++)
            {
                IceReceiveResult received = await pair.Right.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit);
                Assert.That((received.Length, received.TrafficClass), Is.EqualTo((length, (TrafficClass?)sent)));
            }
        }
    }

    [Test]
    public async Task The_marked_handler_sees_congestion()
    {
        Channel<IceReceiveResult> handled = Channel.CreateUnbounded<IceReceiveResult>();
        await using AgentPair pair = await AgentPair.ConnectedAsync(
            right: options => options with { MarkedDatagramHandler = (_, datagram, received) => handled.Writer.TryWrite(received) });
        Assert.That(pair.Left.TrySend([1, 2, 3], s_congested), Is.True);
        using CancellationTokenSource timeout = new(AgentPair.Limit);
        IceReceiveResult result = await handled.Reader.ReadAsync(timeout.Token);
        Assert.Multiple(() =>
        {
            Assert.That(result.TrafficClass?.Ecn, Is.EqualTo(EcnCodepoint.CongestionExperienced));
            Assert.That(result.Length, Is.EqualTo(3));
            Assert.That(result.Remote, Is.EqualTo(pair.Right.SelectedPair!.Remote.Address));
            Assert.That(async () => await pair.Right.ReceiveAsync(new byte[1]), Throws.InvalidOperationException);
        });
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    [Rfc(8445, "7.2.3"), Rfc(8445, "7.3"), Rfc(7675, "6")]
    public async Task Checks_and_their_responses_have_the_DSCP_of_the_data(string address)
    {
        ConcurrentBag<RecordingSocket> sockets = [];
        IceAgentOptions Marked(IceAgentOptions options) => options with
        {
            Dscp = 46,
            ReceiveTrafficClass = true,
            SocketFactory = local =>
            {
                RecordingSocket socket = RecordingSocket.Bind(local);
                sockets.Add(socket);
                return socket;
            },
        };
        await using AgentPair pair = await AgentPair.ConnectedAsync(Marked, Marked, address);
        await pair.Left.SendAsync(new byte[1]);
        IceReceiveResult data = await pair.Right.ReceiveAsync(new byte[1]).AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(data.TrafficClass, Is.EqualTo(new TrafficClass(46)));
        Assert.That(sockets, Has.Count.EqualTo(2));
        foreach (RecordingSocket socket in sockets)
        {
            Assert.That(socket.Stun.Select(static message => message.Type).Distinct(), Is.EquivalentTo(new byte[] { 0, 1 }), "requests and responses were received");
            Assert.That(socket.Stun.Select(static message => message.TrafficClass).Distinct(), Is.EqualTo(new TrafficClass?[] { new TrafficClass(46) }));
        }
    }

    [Test]
    public async Task A_relayed_datagram_carries_its_mark_to_the_server()
    {
        await using TurnRig rig = await TurnRig.StartAsync();
        await using AgentPair pair = await AgentPair.ConnectedAsync(options => TurnRig.RelayOnly(options, rig.Over("udp")), static options => options with { Dscp = 46, ReceiveTrafficClass = true });
        byte[] buffer = new byte[100];
        Assert.That(pair.Left.Components[0].Marking.HasFlag(DatagramMarking.SendPerDatagram), Is.True);
        await pair.Left.SendAsync(new byte[1], s_video);
        IceReceiveResult received = await pair.Right.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit);
        // RFC 8656 §14, the alternate behavior: "Set the outgoing value to a fixed value, which by default is Best Effort"
        Assert.That(received.TrafficClass, Is.EqualTo(default(TrafficClass)));
    }

    [Test]
    public async Task Over_a_stream_nothing_is_marked_and_it_is_said()
    {
        await using TurnRig rig = await TurnRig.StartAsync();
        await using AgentPair pair = await AgentPair.ConnectedAsync(options => TurnRig.RelayOnly(ReceivesMarks(options), rig.Over("tcp")));
        Assert.That(pair.Left.Components[0].Marking, Is.EqualTo(DatagramMarking.None));
        byte[] buffer = new byte[100];
        await pair.Left.SendAsync(new byte[1], s_video);
        await pair.Right.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit);
        await pair.Right.SendAsync(new byte[1], s_video);
        IceReceiveResult received = await pair.Left.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(received.TrafficClass, Is.Null);
    }

    [Test]
    public async Task Sockets_that_cannot_mark_are_said_to_and_send_all_the_same()
    {
        CapturingLoggerFactory logs = new();
        await using MemoryPair pair = await MemoryPair.ConnectedAsync(left: options => options with { Dscp = 46, LoggerFactory = logs }, right: ReceivesMarks);
        Assert.That(logs.Lines, Has.Some.StartsWith("Warning 1018").And.Some.Contains("DSCP 46"));
        Assert.That(pair.Left.Components[0].Marking, Is.EqualTo(DatagramMarking.None));
        Assert.That(pair.Left.TrySend([1], s_video), Is.True);
        await pair.Left.SendAsync(new byte[1], s_video);
        for (int i = 0; i < 2; i++)
            Assert.That((await pair.Right.ReceiveAsync(new byte[10]).AsTask().WaitAsync(AgentPair.Limit)).TrafficClass, Is.Null);
    }

    [Test]
    public async Task Marks_that_nobody_asked_for_are_not_told()
    {
        await using AgentPair pair = await AgentPair.ConnectedAsync(right: ReceivesMarks);
        await pair.Left.SendAsync(new byte[1], s_video);
        await pair.Right.SendAsync(new byte[1], s_video);
        byte[] buffer = new byte[1];
        Assert.That((await pair.Right.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit)).TrafficClass, Is.EqualTo(s_video));
        Assert.That((await pair.Left.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit)).TrafficClass, Is.Null);
    }

    [Test]
    public async Task Without_a_pair_there_is_nothing_to_mark_with()
    {
        await using IceAgent agent = new(new());
        Assert.That(agent.Components[0].Marking, Is.EqualTo(DatagramMarking.None));
        Assert.That(agent.TrySend([1], s_video), Is.False);
        await Assert.ThatAsync(async () => await agent.SendAsync(new byte[1], s_video), Throws.InstanceOf<IceException>());
    }

    [TestCase(-1)]
    [TestCase(64)]
    [TestCase(184)]
    public void A_DSCP_out_of_range_is_refused(int dscp) =>
        Assert.That(() => new IceAgent(new() { Dscp = dscp }), Throws.ArgumentException.With.Message.Contains("0 to 63"));

    [Test]
    public void Two_handlers_are_one_too_many() => Assert.That(
        () => new IceAgent(new() { DatagramHandler = static (_, _, _) => { }, MarkedDatagramHandler = static (_, _, _) => { } }),
        Throws.ArgumentException.With.Message.Contains("MarkedDatagramHandler"));

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task Marked_round_trips_allocate_nothing(string address)
    {
        await using AgentPair pair = await AgentPair.ConnectedAsync(ReceivesMarks, ReceivesMarks, address);
        // All threads are counted, those of the test host among them: one clean attempt shows that the agents allocate nothing.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least >= RoundTrips; attempt++)
            least = Math.Min(least, await Task.Run(() => MeasureAsync(pair.Left, pair.Right)));
        Assert.That(least / (double)RoundTrips, Is.LessThan(1), $"{least} bytes in {RoundTrips} round trips");
    }

    private static IceAgentOptions ReceivesMarks(IceAgentOptions options) => options with { ReceiveTrafficClass = true };

    private static async Task<long> MeasureAsync(IceAgent left, IceAgent right)
    {
        ReadOnlyMemory<byte> data = new byte[1200];
        byte[] buffer = new byte[2048];
        long before = 0;
        for (int i = -1000; i < RoundTrips; i++)
        {
            if (i == 0)
                before = GC.GetTotalAllocatedBytes(precise: true);
            await left.SendAsync(data, s_video);
            IceReceiveResult there = await right.ReceiveAsync(buffer);
            if (!right.TrySend(data.Span, s_congested))
                throw new InvalidOperationException("a loopback socket had no room for one datagram");
            IceReceiveResult back = await left.ReceiveAsync(buffer);
            if (there.TrafficClass != s_video || back.TrafficClass != s_congested)
                throw new InvalidOperationException("a mark was lost");
        }

        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
