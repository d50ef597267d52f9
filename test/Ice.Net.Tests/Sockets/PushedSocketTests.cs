using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Ice.Net.Tests.Sockets;

/// <summary>What only sockets do that hand over what they receive: on a loop that they share, or on a reader that each gets with its first datagram.</summary>
[Platform("Linux")]
[TestFixture(false)]
[TestFixture(true)]
[CancelAfter(60_000)]
internal sealed class PushedSocketTests(bool getsReader)
{
    private const int RoundTrips = 2_000;
    private const int Attempts = 10;

    private static readonly TrafficClass s_expedited = new(46, EcnCodepoint.Ect1);

    [TestCase("127.0.0.1", true)]
    [TestCase("127.0.0.1", false)]
    [TestCase("::1", true)]
    [TestCase("::1", false)]
    public async Task The_traffic_class_comes_to_who_asked_for_it(string address, bool asked, CancellationToken cancellationToken)
    {
        using LinuxUdpSocket left = Bind(address);
        using LinuxUdpSocket right = Bind(address);
        CollectingReceiver receiver = new();
        right.Start(receiver, 100, trafficClass: asked);
        for (int octet = 0; octet <= 255; octet++)
        {
            TrafficClass sent = TrafficClass.FromOctet((byte)octet);
            Assert.That(left.TrySendTo([1, 2], [3], right.LocalEndPoint.Serialize(), sent), Is.EqualTo(SocketError.Success));
            Arrived arrived = await receiver.Datagrams.Reader.ReadAsync(cancellationToken);
            Assert.That((arrived.Data.Length, arrived.TrafficClass), Is.EqualTo((3, asked ? sent : (TrafficClass?)null)));
        }
    }

    [TestCase("127.0.0.1", true)]
    [TestCase("127.0.0.1", false)]
    [TestCase("::1", false)]
    public void Round_trips_allocate_nothing(string address, bool marked)
    {
        using LinuxUdpSocket left = Bind(address);
        using LinuxUdpSocket right = Bind(address);
        using AutoResetEvent back = new(false);
        SocketAddress toLeft = left.LocalEndPoint.Serialize();
        SocketAddress toRight = right.LocalEndPoint.Serialize();
        right.Start(new CallingReceiver(datagram => right.TrySendTo([], datagram, toLeft, marked ? s_expedited : null)), 1500, marked);
        left.Start(new CallingReceiver(_ => back.Set()), 1500, marked);

        // All threads are counted, those of the test host among them: one clean attempt shows that the sockets allocate nothing.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least >= RoundTrips; attempt++)
            least = Math.Min(least, Measure());
        Assert.That(least / (double)RoundTrips, Is.LessThan(1), $"{least} bytes in {RoundTrips} round trips");
        Assert.That((left.HasReader, right.HasReader), Is.EqualTo((getsReader, getsReader)));

        long Measure()
        {
            byte[] data = new byte[1200];
            long before = 0;
            for (int i = -200; i < RoundTrips; i++)
            {
                if (i == 0)
                    before = GC.GetTotalAllocatedBytes(precise: true);
                left.TrySendTo(data, toRight);
                if (!back.WaitOne(10_000))
                    throw new TimeoutException("A datagram did not come back within 10 s.");
            }

            return GC.GetTotalAllocatedBytes(precise: true) - before;
        }
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task Closed_ports_cost_neither_a_datagram_nor_turns(string address, CancellationToken cancellationToken)
    {
        using LinuxUdpSocket left = Bind(address);
        using LinuxUdpSocket right = Bind(address);
        LinuxUdpSocket gone = Bind(address);
        SocketAddress nowhere = gone.LocalEndPoint.Serialize();
        gone.Dispose();
        CollectingReceiver receiver = new();
        left.Start(receiver, 100, trafficClass: false);
        long turns = UdpPoller.Turns;
        for (int i = 0; i < 400; i++)
        {
            Assert.That(left.TrySendTo([9], nowhere), Is.EqualTo(SocketError.Success));
            right.TrySendTo([(byte)i], left.LocalEndPoint.Serialize());
            Assert.That((await receiver.Datagrams.Reader.ReadAsync(cancellationToken)).Data, Is.EqualTo(new[] { (byte)i }));
            if (i == 100)
                Assert.That(left.HasErrorQueue, Is.True, "some are nothing");
        }

        Assert.That(left.HasErrorQueue, Is.False, "some hundred are enough");
        Assert.That(receiver.Errors.Reader.Count, Is.Zero);
        // A turn for a datagram and one for an error; a loop that the error keeps awake makes thousands.
        Assert.That(UdpPoller.Turns - turns, Is.LessThan(1200));
    }

    [Test]
    public async Task The_receiver_may_dispose_of_the_socket(CancellationToken cancellationToken)
    {
        for (int i = 0; i < 100; i++)
        {
            LinuxUdpSocket socket = Bind("127.0.0.1");
            SocketAddress self = socket.LocalEndPoint.Serialize();
            int calls = 0;
            SocketError refused = SocketError.Success;
            bool ended = true;
            socket.Start(
                new CallingReceiver(_ =>
                {
                    calls++;
                    socket.Dispose();
                    ended = socket.Completion.IsCompleted;
                    refused = socket.TrySendTo([1], self);
                }),
                100,
                trafficClass: false);
            for (int sent = 0; sent < 5; sent++)
                socket.TrySendTo([1], self);
            await socket.Completion.WaitAsync(cancellationToken);
            Assert.That((calls, ended, refused), Is.EqualTo((1, false, SocketError.OperationAborted)));
            LinuxUdpSocket.Bind(socket.LocalEndPoint).Dispose();
        }
    }

    [Test]
    public async Task Completion_waits_for_the_call_that_is_under_way(CancellationToken cancellationToken)
    {
        LinuxUdpSocket socket = Bind("127.0.0.1");
        using ManualResetEventSlim entered = new();
        using ManualResetEventSlim leave = new();
        int calls = 0;
        socket.Start(
            new CallingReceiver(_ =>
            {
                calls++;
                entered.Set();
                leave.Wait(CancellationToken.None);
            }),
            100,
            trafficClass: false);
        socket.TrySendTo([1], socket.LocalEndPoint.Serialize());
        socket.TrySendTo([1], socket.LocalEndPoint.Serialize());
        entered.Wait(cancellationToken);
        socket.Dispose();
        Task completion = socket.Completion;
        Assert.That(completion.IsCompleted, Is.False);
        Assert.That(socket.TrySendTo([1], socket.LocalEndPoint.Serialize()), Is.EqualTo(SocketError.OperationAborted));
        leave.Set();
        await completion.WaitAsync(cancellationToken);
        Assert.That(calls, Is.EqualTo(1));
        Assert.That(socket.Completion.IsCompletedSuccessfully);
    }

    [Test]
    public async Task Descriptors_that_are_used_again_do_not_mix_the_sockets_up(CancellationToken cancellationToken)
    {
        const int Threads = 4;
        const int Rounds = 500;
        int strangers = 0;
        int received = 0;
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() => Churn(thread), cancellationToken))).WaitAsync(cancellationToken);
        Assert.That(strangers, Is.Zero);
        Assert.That(received, Is.Positive);

        async Task Churn(int thread)
        {
            for (int i = 0; i < Rounds; i++)
            {
                LinuxUdpSocket socket = Bind("127.0.0.1");
                SocketAddress self = socket.LocalEndPoint.Serialize();
                byte[] mine = new byte[8];
                BinaryPrimitives.WriteInt32LittleEndian(mine, thread);
                BinaryPrimitives.WriteInt32LittleEndian(mine.AsSpan(4), i);
                socket.Start(
                    new CallingReceiver(datagram =>
                    {
                        Interlocked.Increment(ref received);
                        if (!datagram.SequenceEqual(mine))
                            Interlocked.Increment(ref strangers);
                    }),
                    100,
                    trafficClass: i % 2 == 0);
                for (int sent = 0; sent < 3; sent++)
                    socket.TrySendTo(mine, self);
                if (i % 3 == 0)
                    await Task.Yield();
                // From several threads at once, while the loop is at it.
                Parallel.Invoke(socket.Dispose, socket.Dispose);
                await socket.Completion.WaitAsync(cancellationToken);
            }
        }
    }

    [Test]
    public async Task A_socket_is_started_once_and_not_after_its_end()
    {
        LinuxUdpSocket socket = Bind("127.0.0.1");
        Assert.That(socket.Completion.IsCompleted, Is.True, "nothing was started");
        CollectingReceiver receiver = new();
        Assert.That(() => socket.Start(null!, 100, trafficClass: false), Throws.ArgumentNullException);
        Assert.That(() => socket.Start(receiver, -1, trafficClass: false), Throws.InstanceOf<ArgumentOutOfRangeException>());
        socket.Start(receiver, 100, trafficClass: false);
        Assert.That(() => socket.Start(receiver, 100, trafficClass: false), Throws.InvalidOperationException);
        await Assert.ThatAsync(() => socket.ReceiveFromAsync(new byte[1], socket.CreateAddress(), CancellationToken.None).AsTask(), Throws.InvalidOperationException);
        await Assert.ThatAsync(() => socket.ReceiveMarkedFromAsync(new byte[1], socket.CreateAddress(), CancellationToken.None).AsTask(), Throws.InvalidOperationException);
        socket.Dispose();
        await socket.Completion;
        LinuxUdpSocket never = Bind("127.0.0.1");
        never.Dispose();
        Assert.That(() => never.Start(receiver, 100, trafficClass: false), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(never.Completion.IsCompletedSuccessfully);
    }

    private LinuxUdpSocket Bind(string address) => ReaderSocket.Bind(getsReader, address);
}
