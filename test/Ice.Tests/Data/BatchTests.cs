using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using Ice.Net;
using Turn;

namespace Ice.Tests;

/// <summary>Batches of datagrams between two agents on loopback sockets.</summary>
[CancelAfter(60_000)]
public sealed class BatchTests
{
    private const int Batches = 300;
    private const int Attempts = 5;

    [Test]
    public async Task Each_arrives_by_itself_in_order([Values] bool portable, [Values] bool coalesces, [Values(1, 160, 1200)] int segmentSize)
    {
        BlockingCollection<byte[]> arrived = [];
        await using AgentPair pair = await ConnectedAsync(portable, coalesces, datagram => arrived.Add(datagram.ToArray()));
        foreach (int length in new[] { 0, segmentSize, 40 * segmentSize, (100 * segmentSize) + ((segmentSize + 1) / 2) })
        {
            byte[] data = MakeData(length);
            int expected = (length + segmentSize - 1) / segmentSize;
            Assert.That(pair.Left.TrySendBatch(data, segmentSize), Is.EqualTo(expected));
            for (int i = 0; i < expected; i++)
            {
                Assert.That(arrived.TryTake(out byte[]? datagram, AgentPair.Limit), Is.True);
                Assert.That(datagram, Is.EqualTo(data[(i * segmentSize)..Math.Min(length, (i + 1) * segmentSize)]), $"datagram {i} of {expected}");
            }
        }

        IceStats stats = pair.Left.GetStats();
        Assert.That((stats.PacketsSent, stats.BytesSent), Is.EqualTo((1 + 40 + 101, (141L * segmentSize) + ((segmentSize + 1) / 2))));
        Assert.That(arrived, Is.Empty);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task STUN_among_them_is_the_agents(bool coalesces)
    {
        const int Size = 100;
        List<IDatagramSocket> sockets = [];
        BlockingCollection<byte[]> arrived = [];
        await using AgentPair pair = await ConnectedAsync(portable: false, coalesces, datagram => arrived.Add(datagram.ToArray()), sockets);
        IBatchDatagramSocket left = sockets.OfType<IBatchDatagramSocket>().First(socket => socket.LocalEndPoint.Equals(pair.Left.LocalCandidates[0].EndPoint));
        byte[] data = MakeData(5 * Size);
        // A Binding indication (RFC 8489 §5) with one attribute that fills it.
        Span<byte> stun = data.AsSpan(2 * Size, Size);
        stun.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(stun, 0x0011);
        BinaryPrimitives.WriteUInt16BigEndian(stun[2..], Size - 20);
        BinaryPrimitives.WriteUInt32BigEndian(stun[4..], 0x2112A442);
        BinaryPrimitives.WriteUInt16BigEndian(stun[20..], 0x8022);
        BinaryPrimitives.WriteUInt16BigEndian(stun[22..], Size - 24);
        long before = pair.Right.GetStats().StunPacketsReceived;
        Assert.That(left.TrySendBatch(data, Size, pair.Right.LocalCandidates[0].EndPoint.Serialize(), null, out _), Is.EqualTo(5));
        foreach (int i in new[] { 0, 1, 3, 4 })
        {
            Assert.That(arrived.TryTake(out byte[]? datagram, AgentPair.Limit), Is.True);
            Assert.That(datagram, Is.EqualTo(data[(i * Size)..((i + 1) * Size)]));
        }

        Assert.That(arrived, Is.Empty);
        Assert.That(pair.Right.GetStats().StunPacketsReceived, Is.GreaterThan(before));
    }

    [TestCase(1)]
    [TestCase(160)]
    [TestCase(1200)]
    public async Task Through_a_channel_too(int segmentSize)
    {
        using RunningRelayHost host = new();
        BlockingCollection<byte[]> arrived = [];
        await using AgentPair pair = await AgentPair.ConnectedAsync(
            options => options with { Policy = IceTransportPolicy.Relay, Servers = [host.Server] },
            options => options with { DatagramHandler = (_, datagram, _) => arrived.Add(datagram.ToArray()) });
        using CancellationTokenSource timeout = new(AgentPair.Limit);
        while (host.ChannelDataReceived == 0)
        {
            timeout.Token.ThrowIfCancellationRequested();
            if (pair.Left.TrySendBatch([200], 1) > 0)
                arrived.Take(timeout.Token);
        }

        long before = host.ChannelDataReceived;
        byte[] data = MakeData((60 * segmentSize) + ((segmentSize + 1) / 2));
        Assert.That(pair.Left.TrySendBatch(data, segmentSize), Is.EqualTo(61));
        for (int i = 0; i < 61; i++)
        {
            Assert.That(arrived.TryTake(out byte[]? datagram, AgentPair.Limit), Is.True);
            Assert.That(datagram, Is.EqualTo(data[(i * segmentSize)..Math.Min(data.Length, (i + 1) * segmentSize)]));
        }

        Assert.That(host.ChannelDataReceived - before, Is.EqualTo(61));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Batches_allocate_nothing(bool coalesces)
    {
        const int Size = 1200;
        const int Count = 50;
        using AutoResetEvent all = new(false);
        int received = 0;
        await using AgentPair pair = await ConnectedAsync(portable: false, coalesces, _ =>
        {
            if (++received % Count == 0)
                all.Set();
        });
        byte[] data = MakeData(Count * Size);

        // All threads are counted, those of the test host among them: one clean attempt shows that the agents allocate nothing.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least >= Batches; attempt++)
            least = Math.Min(least, Measure());
        Assert.That(least / (double)Batches, Is.LessThan(1), $"{least} bytes in {Batches} batches");

        long Measure()
        {
            long before = 0;
            for (int i = -50; i < Batches; i++)
            {
                if (i == 0)
                    before = GC.GetTotalAllocatedBytes(precise: true);
                if (pair.Left.TrySendBatch(data, Size) != Count || !all.WaitOne(AgentPair.Limit))
                    throw new InvalidOperationException("a batch was lost on loopback");
            }

            return GC.GetTotalAllocatedBytes(precise: true) - before;
        }
    }

    [Test]
    public async Task What_cannot_be_sent_is_refused_by_name()
    {
        await using AgentPair pair = AgentPair.Create();
        Assert.That(pair.Left.TrySendBatch(new byte[10], 5), Is.Zero, "there is no pair yet");
        Assert.That(() => pair.Left.TrySendBatch(new byte[10], 0), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("segmentSize"));
        await pair.ExchangeAsync();
        await pair.ConnectAsync();
        Assert.That(() => pair.Left.TrySendBatch(new byte[140_000], 66_000), Throws.InstanceOf<IceException>().With.Property("Error").EqualTo(IceError.DatagramTooLarge));
        Assert.That(pair.Left.TrySendBatch(new byte[10], 5, new TrafficClass(46)), Is.EqualTo(2));
        await pair.Left.DisposeAsync();
        Assert.That(() => pair.Left.TrySendBatch(new byte[10], 5), Throws.InstanceOf<ObjectDisposedException>());
    }

    private delegate void OnDatagram(ReadOnlySpan<byte> datagram);

    private static Task<AgentPair> ConnectedAsync(bool portable, bool coalesces, OnDatagram handler, List<IDatagramSocket>? sockets = null)
    {
        return AgentPair.ConnectedAsync(With, options => With(options) with { DatagramHandler = (_, datagram, _) => handler(datagram), ReceiveCoalescing = coalesces });

        IceAgentOptions With(IceAgentOptions options) => options with
        {
            SocketFactory = endPoint =>
            {
                IDatagramSocket socket = portable ? PortableUdpSocket.Bind(endPoint) : UdpSocket.Bind(endPoint);
                sockets?.Add(socket);
                return socket;
            },
        };
    }

    // No STUN and no channel.
    private static byte[] MakeData(int length) => [.. Enumerable.Range(0, length).Select(static i => (byte)(128 + (i % 64)))];
}
