using System.Net;
using System.Net.Sockets;

namespace Ice.Net.Tests.Sockets;

[TestFixture]
[CancelAfter(30_000)]
[Platform("Linux")]
internal sealed class IcmpErrorQueueTests
{
    private static readonly IPAddress[] s_loopbacks = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    [TestCaseSource(nameof(s_loopbacks))]
    public Task A_closed_port_is_told_with_its_address(IPAddress address, CancellationToken cancellationToken) => AskClosedPortAsync(address, alsoTos: false, cancellationToken);

    [TestCaseSource(nameof(s_loopbacks))]
    public Task It_is_told_too_where_the_traffic_class_comes_before_it(IPAddress address, CancellationToken cancellationToken) => AskClosedPortAsync(address, alsoTos: true, cancellationToken);

    private static async Task AskClosedPortAsync(IPAddress address, bool alsoTos, CancellationToken cancellationToken)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(address, 0));
        // IP_RECVTOS and IPV6_RECVTCLASS
        bool ipv4 = address.AddressFamily == AddressFamily.InterNetwork;
        if (alsoTos)
            socket.SetRawSocketOption(ipv4 ? 0 : 41, ipv4 ? 13 : 66, BitConverter.GetBytes(1));
        Assert.That(IcmpErrorQueue.TryEnable(socket), Is.True);
        var destination = new SocketAddress(address.AddressFamily);
        Assert.That(IcmpErrorQueue.TryTake(socket, destination, out _), Is.False, "Nothing was sent yet.");
        IPEndPoint closed;
        using (var closing = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp))
        {
            closing.Bind(new IPEndPoint(address, 0));
            closed = (IPEndPoint)closing.LocalEndPoint!;
        }

        _ = await socket.SendToAsync(new byte[] { 1, 2, 3 }, closed, cancellationToken);
        await Assert.ThatAsync(async () => await socket.ReceiveAsync(new byte[1], cancellationToken), Throws.InstanceOf<SocketException>());
        Assert.That(IcmpErrorQueue.TryTake(socket, destination, out IcmpError error), Is.True);
        // Port unreachable: type 3 code 3 of ICMPv4, type 1 code 4 of ICMPv6.
        Assert.That(error, Is.EqualTo(address.AddressFamily == AddressFamily.InterNetwork ? new IcmpError(3, 3, 0) : new IcmpError(1, 4, 0)));
        Assert.That(new IPEndPoint(address, 0).Create(destination), Is.EqualTo(closed));
        Assert.That(IcmpErrorQueue.TryTake(socket, destination, out _), Is.False);
    }
}
