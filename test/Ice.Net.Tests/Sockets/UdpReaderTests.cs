using System.Net;
using System.Net.Sockets;

namespace Ice.Net.Tests.Sockets;

/// <summary>How sockets come to a thread of their own, and how it ends with them.</summary>
[Platform("Linux")]
[CancelAfter(60_000)]
internal sealed class UdpReaderTests
{
    [Test]
    public async Task Datagrams_that_come_one_by_one_earn_a_socket_a_reader_until_there_are_no_more(CancellationToken cancellationToken)
    {
        const int Limit = 2;
        using LinuxUdpSocket sender = LinuxUdpSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await WaitForFreeReadersAsync();
        List<(LinuxUdpSocket Socket, CollectingReceiver Receiver)> opened = [];
        for (int i = 0; i < 4; i++)
        {
            opened.Add((LinuxUdpSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0)), new CollectingReceiver()));
            opened[i].Socket.Start(opened[i].Receiver, 100, trafficClass: false);
        }

        int before = UdpReader.Limit;
        UdpReader.Limit = Limit;
        try
        {
            Assert.That(opened.Any(static one => one.Socket.HasReader), Is.False, "nothing has come yet");
            for (int i = 0; i < 400; i++)
            {
                foreach ((LinuxUdpSocket socket, CollectingReceiver receiver) in opened)
                {
                    sender.TrySendTo([(byte)i], socket.LocalEndPoint.Serialize());
                    Assert.That((await receiver.Datagrams.Reader.ReadAsync(cancellationToken)).Data, Is.EqualTo(new[] { (byte)i }));
                }
            }

            Assert.That(opened.Count(static one => one.Socket.HasReader), Is.EqualTo(Limit));
        }
        finally
        {
            UdpReader.Limit = before;
            opened.ForEach(static one => one.Socket.Dispose());
        }

        await Task.WhenAll(opened.Select(static one => one.Socket.Completion)).WaitAsync(cancellationToken);
    }

    [TestCase(true, false)]
    [TestCase(false, false)]
    [TestCase(true, true)]
    public async Task Disposing_ends_a_reader_that_waits(bool marked, bool coalesces, CancellationToken cancellationToken)
    {
        for (int i = 0; i < 200; i++)
        {
            LinuxUdpSocket socket = ReaderSocket.Bind(getsReader: true, i % 2 == 0 ? "127.0.0.1" : "::1");
            CollectingReceiver receiver = new();
            Assert.That(!coalesces || socket.TrySetCoalescing(true), Is.True);
            socket.Start(receiver, 100, marked);
            socket.TakeReader();
            socket.Dispose();
            await socket.Completion.WaitAsync(cancellationToken);
            Assert.That(receiver.Errors.Reader.Count, Is.Zero);
            // What ended the wait was none.
            while (receiver.Datagrams.Reader.TryRead(out Arrived? arrived))
                Assert.That(arrived.Data, Is.EqualTo(new byte[] { 0 }));
            LinuxUdpSocket.Bind(socket.LocalEndPoint).Dispose();
        }
    }

    [Test]
    public async Task Disposing_ends_a_reader_that_is_never_without_a_datagram(CancellationToken cancellationToken)
    {
        using LinuxUdpSocket sender = LinuxUdpSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        for (int i = 0; i < 100; i++)
        {
            LinuxUdpSocket socket = ReaderSocket.Bind(getsReader: true);
            SocketAddress self = socket.LocalEndPoint.Serialize();
            int calls = 0;
            int empty = 0;
            // One more for each of two bytes that was taken: there is always one.
            socket.Start(
                new CallingReceiver(datagram =>
                {
                    Interlocked.Increment(ref calls);
                    empty += datagram.IsEmpty ? 1 : 0;
                    if (datagram.Length == 2)
                        sender.TrySendTo(datagram, self);
                }),
                100,
                trafficClass: i % 2 == 0);
            socket.TakeReader();
            for (int sent = 0; sent < 10; sent++)
                sender.TrySendTo([1, 2], self);
            int seen = Volatile.Read(ref calls);
            SpinWait.SpinUntil(() => Volatile.Read(ref calls) > seen + 10);
            Parallel.Invoke(socket.Dispose, socket.Dispose);
            await socket.Completion.WaitAsync(cancellationToken);
            seen = Volatile.Read(ref calls);
            sender.TrySendTo([1, 2], self);
            Assert.That((Volatile.Read(ref calls), empty), Is.EqualTo((seen, 0)));
        }
    }

    [Test]
    public async Task The_receiver_may_dispose_of_a_socket_that_has_a_reader(CancellationToken cancellationToken)
    {
        for (int i = 0; i < 100; i++)
        {
            LinuxUdpSocket socket = ReaderSocket.Bind(getsReader: true);
            int calls = 0;
            bool ended = true;
            socket.Start(
                new CallingReceiver(datagram =>
                {
                    if (datagram.Length < 2)
                        return;
                    calls++;
                    socket.Dispose();
                    ended = socket.Completion.IsCompleted;
                }),
                100,
                trafficClass: false);
            socket.TakeReader();
            for (int sent = 0; sent < 5; sent++)
                socket.TrySendTo([1, 2], socket.LocalEndPoint.Serialize());
            await socket.Completion.WaitAsync(cancellationToken);
            Assert.That((calls, ended), Is.EqualTo((1, false)));
        }
    }

    [Test]
    public async Task A_reader_takes_a_socket_after_the_other(CancellationToken cancellationToken)
    {
        await WaitForFreeReadersAsync();
        HashSet<Thread> threads = [];
        for (int i = 0; i < 200; i++)
        {
            LinuxUdpSocket socket = ReaderSocket.Bind(getsReader: true);
            TaskCompletionSource<Thread> thread = new(TaskCreationOptions.RunContinuationsAsynchronously);
            socket.Start(
                new CallingReceiver(datagram =>
                {
                    if (datagram.Length == 2)
                        thread.TrySetResult(Thread.CurrentThread);
                }),
                100,
                trafficClass: false);
            socket.TakeReader();
            socket.TrySendTo([1, 2], socket.LocalEndPoint.Serialize());
            Thread reader = await thread.Task.WaitAsync(cancellationToken);
            Assert.That((reader.Name, reader.IsBackground), Is.EqualTo(("UDP reader", true)), "it must not keep the process");
            threads.Add(reader);
            socket.Dispose();
            await socket.Completion.WaitAsync(cancellationToken);
        }

        Assert.That(threads, Has.Count.EqualTo(1), "one after the other needs one");
        Assert.That(await Task.Run(() => threads.Single().Join(30_000), cancellationToken), Is.True, "it ends when there is no other");
        Assert.That(UdpReader.Running, Is.Zero);
    }

    [Test]
    public async Task A_descriptor_that_the_framework_has_made_one_that_does_not_wait_is_received_from_too(CancellationToken cancellationToken)
    {
        LinuxUdpSocket socket = ReaderSocket.Bind(getsReader: true);
        using (CancellationTokenSource cancel = new())
        {
            Task<int> asking = socket.ReceiveFromAsync(new byte[1], socket.CreateAddress(), cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Assert.ThatAsync(() => asking.WaitAsync(cancellationToken), Throws.InstanceOf<OperationCanceledException>());
        }

        CollectingReceiver receiver = new();
        socket.Start(receiver, 100, trafficClass: false);
        socket.TakeReader();
        for (byte i = 1; i < 100; i++)
        {
            socket.TrySendTo([i, i], socket.LocalEndPoint.Serialize());
            Arrived arrived;
            do
                arrived = await receiver.Datagrams.Reader.ReadAsync(cancellationToken);
            while (arrived.Data.Length == 1);
            Assert.That(arrived.Data, Is.EqualTo(new[] { i, i }));
        }

        socket.Dispose();
        await socket.Completion.WaitAsync(cancellationToken);
        Assert.That(receiver.Errors.Reader.Count, Is.Zero);
    }

    // Sockets of other tests end a little after those.
    private static async Task WaitForFreeReadersAsync() =>
        Assert.That(await Task.Run(static () => SpinWait.SpinUntil(static () => UdpReader.Running == 0, 30_000)), Is.True);
}
