using System.Net;
using System.Net.Sockets;

namespace Ice.Net.Tests;

public sealed class ShardTests
{
    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public void Shards_are_at_one_port_and_each_senders_datagrams_are_at_one_of_them(string address)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.That(() => UdpSocket.BindShards(new IPEndPoint(IPAddress.Parse(address), 0), 2), Throws.InstanceOf<PlatformNotSupportedException>());
            return;
        }

        IReadOnlyList<IDatagramSocket> shards = UdpSocket.BindShards(new IPEndPoint(IPAddress.Parse(address), 0), 4);
        try
        {
            Assert.That(shards, Has.Count.EqualTo(4));
            Assert.That(shards.Select(static shard => shard.LocalEndPoint).Distinct().Single().Port, Is.Not.Zero);
            const int Senders = 64;
            const int Each = 3;
            SocketAddress destination = shards[0].LocalEndPoint.Serialize();
            for (int i = 0; i < Senders; i++)
            {
                using IDatagramSocket sender = UdpSocket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                for (int j = 0; j < Each; j++)
                    Assert.That(sender.TrySendTo([(byte)i], destination), Is.EqualTo(SocketError.Success));
            }

            List<(int Shard, byte Sender)> received = [];
            for (int shard = 0; shard < shards.Count; shard++)
                received.AddRange(Drain(shards[shard]).Select(sender => (shard, sender)));
            Assert.That(received, Has.Count.EqualTo(Senders * Each));
            Assert.That(received.Distinct().Count(), Is.EqualTo(Senders), "the datagrams of a sender came to several sockets");
            Assert.That(received.Select(static item => item.Shard).Distinct().Count(), Is.GreaterThan(1), "one socket has them all");
        }
        finally
        {
            foreach (IDatagramSocket shard in shards)
                shard.Dispose();
        }
    }

    [Test]
    public void A_port_that_somebody_has_is_taken_whether_they_share_it_or_not()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using IDatagramSocket alone = UdpSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.That(() => UdpSocket.BindShards(alone.LocalEndPoint, 2), ThrowsTaken);
        IReadOnlyList<IDatagramSocket> shards = UdpSocket.BindShards(new IPEndPoint(IPAddress.Loopback, 0), 2);
        Assert.That(() => UdpSocket.BindShards(shards[0].LocalEndPoint, 2), ThrowsTaken);
        Assert.That(() => UdpSocket.Bind(shards[0].LocalEndPoint), ThrowsTaken);
        foreach (IDatagramSocket shard in shards)
            shard.Dispose();
        using IDatagramSocket again = UdpSocket.Bind(shards[0].LocalEndPoint);
        Assert.That(again.LocalEndPoint, Is.EqualTo(shards[0].LocalEndPoint));
    }

    private static NUnit.Framework.Constraints.IResolveConstraint ThrowsTaken =>
        Throws.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.AddressAlreadyInUse);

    // On loopback what was sent is there.
    private static List<byte> Drain(IDatagramSocket socket)
    {
        List<byte> senders = [];
        byte[] buffer = new byte[10];
        SocketAddress source = socket.CreateAddress();
        using CancellationTokenSource stop = new();
        while (true)
        {
            ValueTask<int> receiving = socket.ReceiveFromAsync(buffer, source, stop.Token);
            if (!receiving.IsCompletedSuccessfully)
            {
                stop.Cancel();
                Assert.That(async () => await receiving, Throws.InstanceOf<OperationCanceledException>());
                return senders;
            }

            Assert.That(receiving.Result, Is.EqualTo(1));
            senders.Add(buffer[0]);
        }
    }
}
