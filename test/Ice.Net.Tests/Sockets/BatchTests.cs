using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ice.Net.Tests.Sockets;

[Platform("Linux")]
[CancelAfter(60_000)]
internal sealed class BatchTests
{
    private const int Batches = 500;
    private const int Attempts = 10;

    private static readonly TrafficClass s_expedited = new(46, EcnCodepoint.Ect1);

    [Test]
    public async Task Each_arrives_by_itself_in_order(
        [Values("127.0.0.1", "::1")] string address, [Values] bool coalesces, [Values] bool refused, [Values(1, 100, 1200)] int segmentSize)
    {
        using LinuxUdpSocket sender = Bind(address);
        using LinuxUdpSocket socket = Bind(address);
        CollectingReceiver receiver = new();
        Assert.That(!coalesces || socket.TrySetCoalescing(true), Is.True);
        socket.Start(receiver, Arrived.MaxLength, trafficClass: true);
        if (refused)
            Assert.That(sender.RefuseSegments(), Is.True);
        foreach (int length in new[] { segmentSize, 2 * segmentSize, (63 * segmentSize) + 1, 64 * segmentSize, (130 * segmentSize) + ((segmentSize + 1) / 2) })
        {
            byte[] data = new byte[length];
            Random.Shared.NextBytes(data);
            int expected = (length + segmentSize - 1) / segmentSize;
            int sent = sender.TrySendBatch(data, segmentSize, socket.LocalEndPoint.Serialize(), length % 2 == 0 ? s_expedited : null, out SocketError error);
            Assert.That((sent, error), Is.EqualTo((expected, SocketError.Success)));
            for (int i = 0; i < expected; i++)
            {
                Arrived arrived = await receiver.Datagrams.Reader.ReadAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
                byte[] wanted = data[(i * segmentSize)..Math.Min(length, (i + 1) * segmentSize)];
                Assert.That(arrived.Data, Is.EqualTo(wanted), $"datagram {i} of {expected}");
                Assert.That(arrived.Source, Is.EqualTo(sender.LocalEndPoint));
                Assert.That(arrived.TrafficClass, Is.EqualTo(length % 2 == 0 ? s_expedited : default));
            }
        }

        Assert.That(sender.RefusedSegment, refused ? Is.LessThanOrEqualTo(segmentSize) : Is.GreaterThan(60_000), "what the system refused is not tried again");
        Assert.That(receiver.Datagrams.Reader.Count, Is.Zero);
    }

    [TestCase(SocketKind.Portable)]
    [TestCase(SocketKind.Linux)]
    [TestCase(SocketKind.LinuxMarked)]
    public async Task Whoever_asks_for_each_gets_each(SocketKind kind)
    {
        using LinuxUdpSocket sender = Bind("127.0.0.1");
        using OpenedSocket socket = new(kind);
        byte[] data = new byte[1000];
        Random.Shared.NextBytes(data);
        Assert.That(sender.TrySendBatch(data, 300, socket.Address, null, out _), Is.EqualTo(4));
        foreach (byte[] wanted in data.Chunk(300))
            Assert.That((await socket.ReceiveAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10))).Data, Is.EqualTo(wanted));
    }

    [Test]
    public async Task What_comes_in_one_piece_is_taken_apart_where_it_lies()
    {
        const int Size = 1000;
        using LinuxUdpSocket sender = Bind("127.0.0.1");
        using LinuxUdpSocket socket = Bind("127.0.0.1");
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<nint> places = [];
        socket.TrySetCoalescing(true);
        socket.Start(
            new CallingReceiver(datagram =>
            {
                places.Add(Place(datagram));
                if (places.Count == 20)
                    done.SetResult();
            }),
            Size,
            trafficClass: false);
        sender.TrySendBatch(new byte[20 * Size], Size, socket.LocalEndPoint.Serialize(), null, out _);
        await done.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.That(places.Select(place => place - places[0]), Is.EqualTo(Enumerable.Range(0, 20).Select(static i => (nint)(i * Size))));

        static unsafe nint Place(ReadOnlySpan<byte> datagram) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(datagram));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Of_one_that_is_too_long_the_first_bytes_come_and_one_more(bool coalesces)
    {
        using LinuxUdpSocket sender = Bind("127.0.0.1");
        using LinuxUdpSocket socket = Bind("127.0.0.1");
        CollectingReceiver receiver = new();
        Assert.That(!coalesces || socket.TrySetCoalescing(true), Is.True);
        socket.Start(receiver, 500, trafficClass: false);
        sender.TrySendBatch(new byte[1300], 600, socket.LocalEndPoint.Serialize(), null, out _);
        sender.TrySendTo(new byte[700], socket.LocalEndPoint.Serialize());
        List<int> lengths = [];
        for (int i = 0; i < 4; i++)
            lengths.Add((await receiver.Datagrams.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10))).Data.Length);
        Assert.That(lengths, Is.EqualTo(new[] { 501, 501, 100, 501 }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Batches_allocate_nothing(bool coalesces)
    {
        const int Size = 1200;
        const int Count = 50;
        using LinuxUdpSocket sender = Bind("127.0.0.1");
        using LinuxUdpSocket socket = Bind("127.0.0.1");
        using AutoResetEvent all = new(false);
        int received = 0;
        Assert.That(!coalesces || socket.TrySetCoalescing(true), Is.True);
        socket.Start(
            new CallingReceiver(_ =>
            {
                if (++received % Count == 0)
                    all.Set();
            }),
            Size,
            trafficClass: true);
        SocketAddress destination = socket.LocalEndPoint.Serialize();
        byte[] data = new byte[Count * Size];

        // All threads are counted, those of the test host among them: one clean attempt shows that the sockets allocate nothing.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least >= Batches; attempt++)
        {
            long before = 0;
            for (int i = -50; i < Batches; i++)
            {
                if (i == 0)
                    before = GC.GetTotalAllocatedBytes(precise: true);
                if (sender.TrySendBatch(data, Size, destination, s_expedited, out _) != Count || !all.WaitOne(10_000))
                    throw new InvalidOperationException("a batch was lost on loopback");
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.That(least / (double)Batches, Is.LessThan(1), $"{least} bytes in {Batches} batches");
    }

    [Test]
    public void What_cannot_be_sent_is_refused()
    {
        LinuxUdpSocket socket = Bind("127.0.0.1");
        SocketAddress self = socket.LocalEndPoint.Serialize();
        Assert.That(socket.TrySendBatch([], 100, self, null, out SocketError error), Is.Zero);
        Assert.That(error, Is.EqualTo(SocketError.Success));
        Assert.That(socket.TrySendBatch(new byte[140_000], 66_000, self, null, out error), Is.Zero);
        Assert.That(error, Is.EqualTo(SocketError.MessageSize));
        Assert.That(() => socket.TrySendBatch(new byte[10], 0, self, null, out _), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(socket.TrySendBatch(new byte[10], 5, self, null, out _), Is.EqualTo(2));
        socket.Start(new CollectingReceiver(), 100, trafficClass: false);
        Assert.That(() => socket.TrySetCoalescing(true), Throws.InvalidOperationException);
        socket.Dispose();
        Assert.That(socket.TrySendBatch(new byte[10], 5, self, null, out error), Is.Zero);
        Assert.That(error, Is.EqualTo(SocketError.OperationAborted));
    }

    private static LinuxUdpSocket Bind(string address) => LinuxUdpSocket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
}
