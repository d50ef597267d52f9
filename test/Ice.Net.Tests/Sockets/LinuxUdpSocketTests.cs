using System.Net;
using System.Net.Sockets;

namespace Ice.Net.Tests.Sockets;

[Platform("Linux")]
[CancelAfter(30_000)]
internal sealed class LinuxUdpSocketTests
{
    private const int RoundTrips = 2_000;
    private const int Attempts = 10;

    private static readonly TrafficClass s_expedited = new(46, EcnCodepoint.Ect1);

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task Every_octet_arrives_as_it_was_sent(string address, CancellationToken cancellationToken)
    {
        using LinuxUdpSocket left = Bind(address);
        using LinuxUdpSocket right = Bind(address);
        byte[] buffer = new byte[10];
        for (int octet = 0; octet <= 255; octet++)
        {
            TrafficClass sent = TrafficClass.FromOctet((byte)octet);
            Assert.That(left.TrySendTo([1, 2], [3], right.LocalEndPoint.Serialize(), sent), Is.EqualTo(SocketError.Success));
            ReceivedDatagram received = await right.ReceiveMarkedFromAsync(buffer, right.CreateAddress(), cancellationToken);
            Assert.That(received, Is.EqualTo(new ReceivedDatagram(3, sent)));
        }

        Assert.That(buffer[..3], Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task What_has_no_mark_of_its_own_leaves_with_that_of_the_socket(string address, CancellationToken cancellationToken)
    {
        using LinuxUdpSocket left = Bind(address);
        using LinuxUdpSocket right = Bind(address);
        SocketAddress toRight = right.LocalEndPoint.Serialize();
        byte[] buffer = new byte[10];
        left.TrySendTo([1], toRight);
        Assert.That((await right.ReceiveMarkedFromAsync(buffer, right.CreateAddress(), cancellationToken)).TrafficClass, Is.EqualTo(default(TrafficClass)));
        Assert.That(left.TrySetTrafficClass(new TrafficClass(34)), Is.True);
        left.TrySendTo([1], toRight);
        Assert.That((await right.ReceiveMarkedFromAsync(buffer, right.CreateAddress(), cancellationToken)).TrafficClass, Is.EqualTo(new TrafficClass(34)));
        await left.SendToAsync(new byte[1], toRight, s_expedited, cancellationToken);
        Assert.That((await right.ReceiveMarkedFromAsync(buffer, right.CreateAddress(), cancellationToken)).TrafficClass, Is.EqualTo(s_expedited));
        await left.SendToAsync(new byte[1], toRight, cancellationToken);
        Assert.That((await right.ReceiveMarkedFromAsync(buffer, right.CreateAddress(), cancellationToken)).TrafficClass, Is.EqualTo(new TrafficClass(34)));
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task The_portable_socket_marks_all_or_nothing(string address, CancellationToken cancellationToken)
    {
        using PortableUdpSocket left = PortableUdpSocket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        using LinuxUdpSocket right = Bind(address);
        Assert.That(left.Marking, Is.EqualTo(DatagramMarking.SendPerSocket));
        Assert.That(left.TrySetTrafficClass(new TrafficClass(10)), Is.True);
        left.TrySendTo([1], right.LocalEndPoint.Serialize());
        ReceivedDatagram received = await right.ReceiveMarkedFromAsync(new byte[10], right.CreateAddress(), cancellationToken);
        Assert.That(received.TrafficClass, Is.EqualTo(new TrafficClass(10)));
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task Marked_round_trips_allocate_nothing(string address)
    {
        using LinuxUdpSocket left = Bind(address);
        using LinuxUdpSocket right = Bind(address);

        // All threads are counted, those of the test host among them: one clean attempt shows that the sockets allocate nothing.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least >= RoundTrips; attempt++)
            least = Math.Min(least, await Task.Run(() => MeasureAsync(left, right)));
        Assert.That(least / (double)RoundTrips, Is.LessThan(1), $"{least} bytes in {RoundTrips} round trips");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_receive_that_has_to_wait_allocates_nothing_either(bool marked)
    {
        using LinuxUdpSocket left = Bind("127.0.0.1");
        using LinuxUdpSocket right = Bind("127.0.0.1");
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least >= RoundTrips; attempt++)
            least = Math.Min(least, await Task.Run(() => MeasureWaitingAsync(left, right, marked)));
        Assert.That(least / (double)RoundTrips, Is.LessThan(1), $"{least} bytes in {RoundTrips} waits");
    }

    [TestCase("127.0.0.1", true)]
    [TestCase("127.0.0.1", false)]
    [TestCase("::1", true)]
    [TestCase("::1", false)]
    public async Task Closed_ports_cost_others_neither_a_send_nor_a_receive(string address, bool marked, CancellationToken cancellationToken)
    {
        using LinuxUdpSocket left = Bind(address);
        using LinuxUdpSocket right = Bind(address);
        LinuxUdpSocket gone = Bind(address);
        SocketAddress nowhere = gone.LocalEndPoint.Serialize();
        gone.Dispose();
        byte[] buffer = new byte[10];
        SocketAddress source = left.CreateAddress();
        Task<int> waiting = marked
            ? LengthAsync(left.ReceiveMarkedFromAsync(buffer, source, cancellationToken))
            : left.ReceiveFromAsync(buffer, source, cancellationToken).AsTask();
        for (int i = 0; i < 400; i++)
        {
            Assert.That(left.TrySendTo([9], nowhere), Is.EqualTo(SocketError.Success));
            Assert.That(left.TrySendTo([(byte)i], right.LocalEndPoint.Serialize()), Is.EqualTo(SocketError.Success));
            byte[] here = new byte[10];
            Assert.That((await right.ReceiveMarkedFromAsync(here, right.CreateAddress(), cancellationToken)).Length, Is.EqualTo(1));
            Assert.That(here[0], Is.EqualTo((byte)i));
            if (i == 100)
                Assert.That(left.HasErrorQueue, Is.True, "some are nothing");
        }

        Assert.That(left.HasErrorQueue, Is.False, "some hundred are enough");

        right.TrySendTo([7], left.LocalEndPoint.Serialize());
        Assert.That(await waiting, Is.EqualTo(1));
        Assert.That(buffer[0], Is.EqualTo(7));
        Assert.That(left.LocalEndPoint.Create(source), Is.EqualTo(right.LocalEndPoint));
    }

    [Test]
    public async Task Both_ways_to_receive_take_turns(CancellationToken cancellationToken)
    {
        using LinuxUdpSocket left = Bind("127.0.0.1");
        using LinuxUdpSocket right = Bind("127.0.0.1");
        SocketAddress toRight = right.LocalEndPoint.Serialize();
        SocketAddress source = right.CreateAddress();
        byte[] buffer = new byte[10];
        for (int i = 0; i < 20; i++)
        {
            // With something there already, and without.
            if (i % 4 < 2)
                left.TrySendTo([], [1, 2, 3], toRight, s_expedited);
            Task<ReceivedDatagram> receiving = i % 2 == 0
                ? right.ReceiveMarkedFromAsync(buffer, source, cancellationToken).AsTask()
                : UnmarkedAsync(right.ReceiveFromAsync(buffer, source, cancellationToken));
            if (i % 4 >= 2)
                left.TrySendTo([], [1, 2, 3], toRight, s_expedited);
            Assert.That(await receiving, Is.EqualTo(new ReceivedDatagram(3, i % 2 == 0 ? s_expedited : null)));
            Assert.That(right.LocalEndPoint.Create(source), Is.EqualTo(left.LocalEndPoint));
        }
    }

    [TestCase("127.0.0.1", 65_535)]
    [TestCase("::1", 65_535)]
    public void The_system_tells_the_MTU_of_the_path(string address, int least)
    {
        using LinuxUdpSocket socket = Bind(address);
        Assert.That(socket.GetPathMtu(socket.LocalEndPoint.Serialize()), Is.GreaterThanOrEqualTo(least));
    }

    [Test]
    public void Where_there_is_no_way_there_is_no_MTU()
    {
        using LinuxUdpSocket socket = Bind("127.0.0.1");
        // RFC 5735: multicast from loopback has no route that a connected socket would take.
        Assert.That(socket.GetPathMtu(new IPEndPoint(IPAddress.Broadcast, 9).Serialize()), Is.Null);
    }

    [Test]
    public void The_best_socket_of_Linux_is_its_own()
    {
        using IDatagramSocket socket = UdpSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.That(socket, Is.InstanceOf<LinuxUdpSocket>());
        Assert.That(socket.Marking, Is.EqualTo(DatagramMarking.SendPerSocket | DatagramMarking.SendPerDatagram | DatagramMarking.Receive));
    }

    private static async Task<int> LengthAsync(ValueTask<ReceivedDatagram> receiving) => (await receiving).Length;

    private static async Task<ReceivedDatagram> UnmarkedAsync(ValueTask<int> receiving) => new(await receiving, null);

    private static async Task<long> MeasureAsync(LinuxUdpSocket left, LinuxUdpSocket right)
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
            await right.SendToAsync(data, toLeft, s_expedited, CancellationToken.None);
            await left.ReceiveMarkedFromAsync(buffer, source, CancellationToken.None);
            left.TrySendTo(data.AsSpan(0, 4), data.AsSpan(4), toRight, s_expedited);
            await right.ReceiveMarkedFromAsync(buffer, source, CancellationToken.None);
        }

        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static async Task<long> MeasureWaitingAsync(LinuxUdpSocket left, LinuxUdpSocket right, bool marked)
    {
        SocketAddress toLeft = left.LocalEndPoint.Serialize();
        SocketAddress source = left.CreateAddress();
        byte[] data = new byte[1200];
        byte[] buffer = new byte[2048];
        long before = 0;
        for (int i = -200; i < RoundTrips; i++)
        {
            if (i == 0)
                before = GC.GetTotalAllocatedBytes(precise: true);
            ValueTask<ReceivedDatagram> withMark = marked ? left.ReceiveMarkedFromAsync(buffer, source, CancellationToken.None) : default;
            ValueTask<int> without = marked ? default : left.ReceiveFromAsync(buffer, source, CancellationToken.None);
            if (marked ? withMark.IsCompleted : without.IsCompleted)
                throw new InvalidOperationException("there is nothing to receive yet");
            right.TrySendTo([], data, toLeft, s_expedited);
            int length = marked ? (await withMark).Length : await without;
            if (length != data.Length)
                throw new InvalidOperationException($"{length} bytes arrived");
        }

        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static LinuxUdpSocket Bind(string address) => LinuxUdpSocket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
}
