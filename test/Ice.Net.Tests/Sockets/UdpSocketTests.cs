using System.Net;
using System.Net.Sockets;

namespace Ice.Net.Tests.Sockets;

/// <summary>What every socket does, whichever it is and however it is received from.</summary>
[TestFixtureSource(typeof(OpenedSocket), nameof(OpenedSocket.Kinds))]
[CancelAfter(30_000)]
internal sealed class UdpSocketTests(SocketKind kind)
{
    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task Datagrams_arrive_in_order_with_their_sender(string address, CancellationToken cancellationToken)
    {
        using OpenedSocket left = new(kind, address);
        using OpenedSocket right = new(kind, address);
        for (byte i = 0; i < 100; i++)
            Assert.That(left.Send(new byte[i], right.Address), Is.EqualTo(SocketError.Success));
        for (int i = 0; i < 100; i++)
        {
            Arrived arrived = await right.ReceiveAsync(cancellationToken);
            Assert.That(arrived.Data, Has.Length.EqualTo(i));
            Assert.That(arrived.Source, Is.EqualTo(left.Socket.LocalEndPoint));
        }
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task What_arrives_is_what_was_sent(string address, CancellationToken cancellationToken)
    {
        using OpenedSocket left = new(kind, address);
        using OpenedSocket right = new(kind, address);
        byte[] data = new byte[Arrived.MaxLength];
        Random.Shared.NextBytes(data);
        await left.Socket.SendToAsync(data, right.Address, cancellationToken);
        Assert.That((await right.ReceiveAsync(cancellationToken)).Data, Is.EqualTo(data));
    }

    [Test]
    public async Task What_does_not_fit_is_cut_off(CancellationToken cancellationToken)
    {
        using OpenedSocket socket = new(kind);
        socket.Send(new byte[Arrived.MaxLength + 100], socket.Address);
        Assert.That((await socket.ReceiveAsync(cancellationToken)).Data, Has.Length.EqualTo(Arrived.MaxLength + 1));
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task A_port_that_nobody_listens_on_does_not_end_reception(string address, CancellationToken cancellationToken)
    {
        using OpenedSocket left = new(kind, address);
        using OpenedSocket right = new(kind, address);
        OpenedSocket gone = new(kind, address);
        SocketAddress nowhere = gone.Address;
        await gone.EndAsync(Task.CompletedTask);
        Task<Arrived> waiting = left.ReceiveAsync(cancellationToken);
        for (int i = 0; i < 5; i++)
            left.Send([9], nowhere);
        right.Send([7], left.Address);
        Assert.That((await waiting).Data, Is.EqualTo(new byte[] { 7 }));
    }

    [TestCase(65_536)]
    [TestCase(65_510)]
    public async Task Too_large_a_datagram_is_refused_with_MessageSize(int length)
    {
        using OpenedSocket socket = new(kind);
        Assert.That(socket.Send(new byte[length], socket.Address), Is.EqualTo(SocketError.MessageSize));
        await Assert.ThatAsync(() => socket.Socket.SendToAsync(new byte[length], socket.Address, CancellationToken.None).AsTask(),
            Throws.InstanceOf<SocketException>().With.Property("SocketErrorCode").EqualTo(SocketError.MessageSize));
    }

    [Test]
    public async Task Disposing_ends_what_receives_and_refuses_sends(CancellationToken cancellationToken)
    {
        OpenedSocket socket = new(kind);
        SocketAddress self = socket.Address;
        Task<Arrived> pending = socket.ReceiveAsync(cancellationToken);
        await Assert.ThatAsync(() => socket.EndAsync(pending).WaitAsync(cancellationToken), Throws.InstanceOf<SocketException>().Or.InnerException.InstanceOf<ObjectDisposedException>().Or.InstanceOf<ObjectDisposedException>());
        Assert.That(socket.Send([1], self), Is.EqualTo(SocketError.OperationAborted));
        Assert.That(socket.Socket.TrySetTrafficClass(new TrafficClass(46)), Is.False);
        socket.Dispose();
    }

    [Test]
    public void An_IPv6_socket_leaves_the_IPv4_port_free()
    {
        // Some other process may have the port over IPv4.
        Assert.That(Enumerable.Range(0, 20).Any(_ => IsFreeOverIPv4(kind)), Is.True);

        static bool IsFreeOverIPv4(SocketKind kind)
        {
            using OpenedSocket six = new(kind, "::");
            try
            {
                PortableUdpSocket.Bind(new IPEndPoint(IPAddress.Loopback, six.Socket.LocalEndPoint.Port)).Dispose();
                return true;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                return false;
            }
        }
    }

    [Test]
    public void An_address_of_another_host_cannot_be_bound() =>
        Assert.That(() => new OpenedSocket(kind, "192.0.2.1"), Throws.InstanceOf<SocketException>());
}
