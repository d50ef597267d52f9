using System.Net;
using System.Net.Sockets;

namespace Ice.Net.Tests;

public sealed class PortableUdpSocketTests
{
    private const int RoundTrips = 2_000;
    private const int Attempts = 10;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task A_datagram_arrives_with_its_sender(string address)
    {
        using PortableUdpSocket left = Bind(address);
        using PortableUdpSocket right = Bind(address);

        SocketError error = left.TrySendTo([1, 2, 3], right.LocalEndPoint.Serialize());
        byte[] buffer = new byte[100];
        SocketAddress source = right.CreateAddress();
        int length = await right.ReceiveFromAsync(buffer, source, CancellationToken.None).AsTask().WaitAsync(s_limit);

        Assert.Multiple(() =>
        {
            Assert.That(error, Is.EqualTo(SocketError.Success));
            Assert.That(buffer[..length], Is.EqualTo(new byte[] { 1, 2, 3 }));
            Assert.That(left.LocalEndPoint.Create(source), Is.EqualTo(left.LocalEndPoint));
        });
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task Round_trips_allocate_nothing(string address)
    {
        using PortableUdpSocket left = Bind(address);
        using PortableUdpSocket right = Bind(address);

        // All threads are counted, those of the test host among them: one clean attempt shows that the sockets allocate nothing.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least >= RoundTrips; attempt++)
            least = Math.Min(least, await Task.Run(() => MeasureAsync(left, right)));
        Assert.That(least / (double)RoundTrips, Is.LessThan(1), $"{least} bytes in {RoundTrips} round trips");
    }

    [Test]
    public async Task A_port_that_nobody_listens_on_does_not_end_reception()
    {
        using PortableUdpSocket left = Bind("127.0.0.1");
        using PortableUdpSocket right = Bind("127.0.0.1");
        PortableUdpSocket gone = Bind("127.0.0.1");
        SocketAddress nowhere = gone.LocalEndPoint.Serialize();
        gone.Dispose();

        for (int i = 0; i < 5; i++)
            left.TrySendTo([9], nowhere);
        right.TrySendTo([7], left.LocalEndPoint.Serialize());
        byte[] buffer = new byte[10];
        int length = await left.ReceiveFromAsync(buffer, left.CreateAddress(), CancellationToken.None).AsTask().WaitAsync(s_limit);

        Assert.That(buffer[..length], Is.EqualTo(new byte[] { 7 }));
    }

    [Test]
    public void Too_large_a_datagram_is_refused_with_MessageSize()
    {
        using PortableUdpSocket socket = Bind("127.0.0.1");
        Assert.That(socket.TrySendTo(new byte[65_536], socket.LocalEndPoint.Serialize()), Is.EqualTo(SocketError.MessageSize));
    }

    [Test]
    public async Task Disposing_ends_a_pending_receive_and_refuses_sends()
    {
        PortableUdpSocket socket = Bind("127.0.0.1");
        SocketAddress self = socket.LocalEndPoint.Serialize();
        Task<int> pending = socket.ReceiveFromAsync(new byte[10], socket.CreateAddress(), CancellationToken.None).AsTask();
        socket.Dispose();

        await Assert.ThatAsync(() => pending.WaitAsync(s_limit), Throws.InstanceOf<SocketException>().Or.InstanceOf<ObjectDisposedException>());
        Assert.That(socket.TrySendTo([1], self), Is.EqualTo(SocketError.OperationAborted));
    }

    [Test]
    public async Task Cancellation_ends_a_pending_receive()
    {
        using PortableUdpSocket socket = Bind("127.0.0.1");
        using CancellationTokenSource cancel = new();
        Task<int> pending = socket.ReceiveFromAsync(new byte[10], socket.CreateAddress(), cancel.Token).AsTask();
        await cancel.CancelAsync();

        await Assert.ThatAsync(() => pending.WaitAsync(s_limit), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void An_IPv6_socket_leaves_the_IPv4_port_free()
    {
        using PortableUdpSocket six = PortableUdpSocket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        Assert.That(() => PortableUdpSocket.Bind(new IPEndPoint(IPAddress.Loopback, six.LocalEndPoint.Port)).Dispose(), Throws.Nothing);
    }

    [Test]
    public void An_address_of_another_host_cannot_be_bound() =>
        Assert.That(() => Bind("192.0.2.1"), Throws.InstanceOf<SocketException>());

    private static async Task<long> MeasureAsync(PortableUdpSocket left, PortableUdpSocket right)
    {
        SocketAddress toLeft = left.LocalEndPoint.Serialize();
        SocketAddress toRight = right.LocalEndPoint.Serialize();
        SocketAddress source = left.CreateAddress();
        byte[] data = new byte[1200];
        byte[] buffer = new byte[2048];
        long before = 0;
        for (int i = -200; i < RoundTrips; i++)
        {
            if (i == 0)
                before = GC.GetTotalAllocatedBytes(precise: true);
            await right.SendToAsync(data, toLeft, CancellationToken.None);
            await left.ReceiveFromAsync(buffer, source, CancellationToken.None);
            left.TrySendTo(data, toRight);
            await right.ReceiveFromAsync(buffer, source, CancellationToken.None);
        }

        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static PortableUdpSocket Bind(string address) => PortableUdpSocket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
}
