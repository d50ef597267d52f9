using System.Net;
using System.Net.Sockets;

namespace Ice.Net.Tests.Sockets;

/// <summary>What only sockets do that are received from by a loop which they share.</summary>
[Platform("Linux")]
[CancelAfter(60_000)]
internal sealed class UdpPollerTests
{
    [Test]
    public async Task Sockets_share_the_loops_and_keep_what_is_theirs(CancellationToken cancellationToken)
    {
        const int Count = 200;
        using LinuxUdpSocket sender = Bind("127.0.0.1");
        List<(LinuxUdpSocket Socket, CollectingReceiver Receiver)> opened = [];
        for (int i = 0; i < Count; i++)
        {
            opened.Add((Bind(i % 2 == 0 ? "127.0.0.1" : "127.0.0.2"), new CollectingReceiver()));
            opened[i].Socket.Start(opened[i].Receiver, 100, trafficClass: false);
        }

        Assert.That(UdpPoller.Running, Is.InRange(1, Environment.ProcessorCount));
        for (int round = 0; round < 10; round++)
        {
            for (int i = 0; i < Count; i++)
                Assert.That(sender.TrySendTo([(byte)i, (byte)round], opened[i].Socket.LocalEndPoint.Serialize()), Is.EqualTo(SocketError.Success));
            for (int i = 0; i < Count; i++)
                Assert.That((await opened[i].Receiver.Datagrams.Reader.ReadAsync(cancellationToken)).Data, Is.EqualTo(new[] { (byte)i, (byte)round }));
        }

        opened.ForEach(static one => one.Socket.Dispose());
        await Task.WhenAll(opened.Select(static one => one.Socket.Completion)).WaitAsync(cancellationToken);
        Assert.That(opened.All(static one => one.Receiver.Datagrams.Reader.Count == 0));
    }

    [Test]
    public async Task A_socket_that_always_has_more_does_not_keep_the_others_from_their_turn(CancellationToken cancellationToken)
    {
        using LinuxUdpSocket flooded = Bind("127.0.0.1");
        SocketAddress self = flooded.LocalEndPoint.Serialize();
        // One more for each that was taken: there is always one.
        flooded.Start(new CallingReceiver(datagram => flooded.TrySendTo(datagram, self)), 100, trafficClass: false);
        for (int i = 0; i < 10; i++)
            flooded.TrySendTo([1], self);
        List<OpenedSocket> others = [];
        // Enough that one of them has the same loop.
        for (int i = 0; i < 2 * UdpPoller.Fill * Environment.ProcessorCount; i++)
            others.Add(new OpenedSocket(SocketKind.LinuxShared));
        foreach (OpenedSocket other in others)
        {
            other.Send([7], other.Address);
            Assert.That((await other.ReceiveAsync(cancellationToken)).Data, Is.EqualTo(new byte[] { 7 }));
            other.Dispose();
        }
    }

    [Test]
    [NonParallelizable]
    public async Task A_loop_ends_when_its_sockets_have(CancellationToken cancellationToken)
    {
        LinuxUdpSocket socket = Bind("127.0.0.1");
        TaskCompletionSource<Thread> thread = new(TaskCreationOptions.RunContinuationsAsynchronously);
        socket.Start(new CallingReceiver(_ => thread.TrySetResult(Thread.CurrentThread)), 100, trafficClass: false);
        socket.TrySendTo([1], socket.LocalEndPoint.Serialize());
        Thread loop = await thread.Task.WaitAsync(cancellationToken);
        Assert.That(loop.IsBackground, "it must not keep the process");
        socket.Dispose();
        Assert.That(await Task.Run(() => loop.Join(30_000), cancellationToken), Is.True);
        Assert.That(UdpPoller.Running, Is.Zero);

        using OpenedSocket another = new(SocketKind.LinuxShared);
        another.Send([5], another.Address);
        Assert.That((await another.ReceiveAsync(cancellationToken)).Data, Is.EqualTo(new byte[] { 5 }));
    }

    private static LinuxUdpSocket Bind(string address) => LinuxUdpSocket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
}
