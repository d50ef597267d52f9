using System.Net;
using System.Net.Sockets;
using Ice.Testing;
using Stun;
using Turn;

namespace Ice.Server.Tests;

[TestFixture]
[CancelAfter(60_000)]
internal sealed class TcpRelayTests
{
    private static readonly string[] s_transports = ["tcp", "tls"];

    [TestCaseSource(nameof(s_transports))]
    [Rfc(6062, "5.2")]
    [Rfc(6062, "5.4")]
    public async Task A_client_reaches_a_peer_over_a_connection(string transport, CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken);
        using WireClient control = await Servers.ConnectAsync(server, transport, cancellationToken);
        IPEndPoint relayed = WireClient.RelayedOf(await control.AllocateAsync(cancellationToken, TurnTransport.Tcp));
        using Socket listener = Listen();
        byte[] reply = await control.GetAsync(StunMethod.Connect, (ref w) => w.AddPeer(WireClient.ToAddress((IPEndPoint)listener.LocalEndPoint!)), cancellationToken);
        using Socket peer = await listener.AcceptAsync(cancellationToken);
        Assert.That(peer.RemoteEndPoint, Is.EqualTo(relayed), "The peer sees the relayed address.");
        // What the peer says before the client has bound its connection is kept.
        _ = await peer.SendAsync("early"u8.ToArray(), cancellationToken);
        using WireClient data = await Servers.ConnectAsync(server, transport, cancellationToken);
        _ = await data.GetAsync(StunMethod.ConnectionBind, (ref w) => w.AddConnectionId(WireClient.ConnectionOf(reply)), cancellationToken);
        await ExchangeAsync(data, peer, cancellationToken);
    }

    [TestCaseSource(nameof(s_transports))]
    [Rfc(6062, "5.3")]
    public async Task A_peer_reaches_a_client_that_permits_it(string transport, CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken);
        using WireClient control = await Servers.ConnectAsync(server, transport, cancellationToken);
        IPEndPoint relayed = WireClient.RelayedOf(await control.AllocateAsync(cancellationToken, TurnTransport.Tcp));
        using (var uninvited = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            await uninvited.ConnectAsync(relayed, cancellationToken);
            Assert.That(await EndsAsync(uninvited, cancellationToken), Is.True, "Without a permission the connection is closed.");
        }

        await control.PermitAsync(relayed, cancellationToken);
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(relayed, cancellationToken);
        _ = await peer.SendAsync("early"u8.ToArray(), cancellationToken);
        byte[] attempt = await control.ReceiveAsync(cancellationToken);
        using WireClient data = await Servers.ConnectAsync(server, transport, cancellationToken);
        _ = await data.GetAsync(StunMethod.ConnectionBind, (ref w) => w.AddConnectionId(WireClient.ConnectionOf(attempt)), cancellationToken);
        await ExchangeAsync(data, peer, cancellationToken);
    }

    [Test]
    [Rfc(6062, "5.2")]
    public async Task A_peer_that_does_not_listen_is_447(CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken);
        using WireClient control = await Servers.ConnectAsync(server, "tcp", cancellationToken);
        _ = await control.AllocateAsync(cancellationToken, TurnTransport.Tcp);
        TransportAddress nobody;
        using (Socket listener = Listen())
            nobody = WireClient.ToAddress((IPEndPoint)listener.LocalEndPoint!);
        Assert.That(WireClient.CodeOf(await control.AskAsync(StunMethod.Connect, (ref w) => w.AddPeer(nobody), cancellationToken)), Is.EqualTo(447));
    }

    [Test]
    [Rfc(6062, "5.5")]
    public async Task The_end_of_the_allocation_ends_its_connections(CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken);
        using WireClient control = await Servers.ConnectAsync(server, "tcp", cancellationToken);
        _ = await control.AllocateAsync(cancellationToken, TurnTransport.Tcp);
        using Socket listener = Listen();
        byte[] reply = await control.GetAsync(StunMethod.Connect, (ref w) => w.AddPeer(WireClient.ToAddress((IPEndPoint)listener.LocalEndPoint!)), cancellationToken);
        using Socket peer = await listener.AcceptAsync(cancellationToken);
        using WireClient data = await Servers.ConnectAsync(server, "tcp", cancellationToken);
        _ = await data.GetAsync(StunMethod.ConnectionBind, (ref w) => w.AddConnectionId(WireClient.ConnectionOf(reply)), cancellationToken);
        await control.DeleteAsync(cancellationToken);
        Assert.That(await EndsAsync(peer, cancellationToken), Is.True);
        Assert.That(await data.ReceiveAsync(cancellationToken), Is.Empty);
    }

    private static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
    }

    // More than every buffer on the way holds, in both directions, with the peer's "early" before it; then the client closes, and the peer sees the end.
    private static async Task ExchangeAsync(WireClient data, Socket peer, CancellationToken cancellationToken)
    {
        Stream client = data.Stream!;
        byte[] first = data.TakeRemaining();
        byte[] block = [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)(i % 251))];
        var peerStream = new NetworkStream(peer, ownsSocket: false);
        Task<byte[]> atClient = ReadAsync(client, 5 + block.Length - first.Length, cancellationToken);
        Task<byte[]> atPeer = ReadAsync(peerStream, block.Length, cancellationToken);
        await Task.WhenAll(client.WriteAsync(block, cancellationToken).AsTask(), peerStream.WriteAsync(block, cancellationToken).AsTask());
        Assert.That((await atPeer).AsSpan().SequenceEqual(block), Is.True);
        byte[] received = [.. first, .. await atClient];
        Assert.That(received.AsSpan(0, 5).SequenceEqual("early"u8), Is.True);
        Assert.That(received.AsSpan(5).SequenceEqual(block), Is.True);
        await client.DisposeAsync();
        Assert.That(await EndsAsync(peer, cancellationToken), Is.True);
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int length, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[length];
        await stream.ReadExactlyAsync(buffer, cancellationToken);
        return buffer;
    }

    private static async Task<bool> EndsAsync(Socket socket, CancellationToken cancellationToken)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1], cancellationToken) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
