using System.Net;
using System.Net.Sockets;

namespace Ice.Net.Tests;

public sealed class UdpPipeTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    [Test]
    public async Task Datagrams_go_to_the_one_remote_address_and_come_from_it()
    {
        using Socket remote = Bind();
        await using UdpPipe pipe = UdpPipe.Connect(IPAddress.Loopback, (IPEndPoint)remote.LocalEndPoint!);
        Assert.That(pipe.TrySend([1, 2, 3]), Is.True);
        byte[] buffer = new byte[100];
        using CancellationTokenSource limit = new(s_limit);
        SocketReceiveFromResult received = await remote.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), limit.Token);
        Assert.That(buffer[..received.ReceivedBytes], Is.EqualTo(new byte[] { 1, 2, 3 }));

        using Socket stranger = Bind();
        _ = stranger.SendTo([9], received.RemoteEndPoint);
        _ = remote.SendTo([4, 5], received.RemoteEndPoint);
        int length = await pipe.ReceiveAsync(buffer, limit.Token);
        Assert.That(buffer[..length], Is.EqualTo(new byte[] { 4, 5 }));
    }

    [Test]
    public async Task A_remote_port_where_nobody_listens_does_not_end_it()
    {
        using Socket remote = Bind();
        var address = (IPEndPoint)remote.LocalEndPoint!;
        remote.Dispose();
        await using UdpPipe pipe = UdpPipe.Connect(IPAddress.Loopback, address);
        _ = pipe.TrySend([1]);
        using CancellationTokenSource limit = new(s_limit);
        Task<int> receiving = pipe.ReceiveAsync(new byte[10], limit.Token).AsTask();
        Assert.That(receiving.IsCompleted, Is.False);
        await limit.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => receiving.WaitAsync(s_limit));
    }

    [Test]
    public async Task Disposing_ends_a_receive_and_refuses_to_send()
    {
        using Socket remote = Bind();
        UdpPipe pipe = UdpPipe.Connect(IPAddress.Loopback, (IPEndPoint)remote.LocalEndPoint!);
        Task<int> receiving = pipe.ReceiveAsync(new byte[10], CancellationToken.None).AsTask();
        await pipe.DisposeAsync();
        Assert.That(await receiving.WaitAsync(s_limit), Is.Zero);
        Assert.That(pipe.TrySend([1]), Is.False);
    }

    private static Socket Bind()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
