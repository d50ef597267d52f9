using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Ice.Testing;
using Stun;
using Turn;

namespace Ice.Server.Tests;

[TestFixture]
[CancelAfter(60_000)]
internal sealed class TurnServerTests
{
    private static readonly string[] s_transports = ["udp", "tcp", "tls"];

    [TestCaseSource(nameof(s_transports))]
    [Rfc(8656, "3.1")]
    public async Task Data_is_relayed_over_every_transport(string transport, CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken);
        using WireClient client = await Servers.ConnectAsync(server, transport, cancellationToken);
        using Socket peer = Servers.Peer(IPAddress.Loopback);
        var peerAddress = (IPEndPoint)peer.LocalEndPoint!;
        IPEndPoint relayed = WireClient.RelayedOf(await client.AllocateAsync(cancellationToken));
        await client.PermitAsync(peerAddress, cancellationToken);
        byte[] buffer = new byte[65536];

        await client.SendToAsync(peerAddress, [1, 2, 3], cancellationToken, dontFragment: true);
        SocketReceiveFromResult received = await peer.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), cancellationToken);
        Assert.That((received.RemoteEndPoint, received.ReceivedBytes), Is.EqualTo((relayed, 3)));
        _ = await peer.SendToAsync(new byte[] { 4, 5 }, relayed, cancellationToken);
        Assert.That(WireClient.DataOf(await client.ReceiveAsync(cancellationToken)), Is.EqualTo(new byte[] { 4, 5 }));

        await client.BindAsync(0x4000, peerAddress, cancellationToken);
        foreach (int length in (int[])[0, 1, 1200, 9000, 60000])
        {
            byte[] data = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
            await client.SendOnAsync(0x4000, data, cancellationToken);
            received = await peer.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), cancellationToken);
            Assert.That(buffer.AsSpan(0, received.ReceivedBytes).SequenceEqual(data), Is.True, $"{length} bytes to the peer");
            _ = await peer.SendToAsync(data, relayed, cancellationToken);
            Assert.That(WireClient.DataOf(await client.ReceiveAsync(cancellationToken)), Is.EqualTo(data), $"{length} bytes to the client");
        }

        TurnServerStatistics statistics = server.GetStatistics();
        Assert.That((statistics.Allocations, statistics.Relays, statistics.DatagramsToPeers, statistics.DatagramsToClients), Is.EqualTo((1, 1, 6, 6)));
    }

    [Test]
    [Rfc(8656, "5")]
    public async Task Addresses_of_the_other_family_are_relayed_too(CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken);
        using WireClient client = WireClient.Udp(server.UdpEndPoints[0]);
        using Socket peer = Servers.Peer(IPAddress.IPv6Loopback);
        var peerAddress = (IPEndPoint)peer.LocalEndPoint!;
        IPEndPoint relayed = WireClient.RelayedOf(await client.AllocateAsync(cancellationToken, family: TurnAddressFamily.IPv6));
        Assert.That(relayed.Address, Is.EqualTo(IPAddress.IPv6Loopback));
        await client.PermitAsync(peerAddress, cancellationToken);
        _ = await peer.SendToAsync(new byte[] { 9 }, relayed, cancellationToken);
        byte[] message = await client.ReceiveAsync(cancellationToken);
        Assert.That(WireClient.DataOf(message), Is.EqualTo(new byte[] { 9 }));
        await client.SendToAsync(peerAddress, [7], cancellationToken);
        Assert.That(await peer.ReceiveAsync(new byte[10], cancellationToken), Is.EqualTo(1));
    }

    [Test]
    [Platform("Linux")]
    [Rfc(8656, "11.5")]
    public async Task A_client_is_told_that_its_peer_does_not_listen(CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken);
        using WireClient client = WireClient.Udp(server.UdpEndPoints[0]);
        IPEndPoint relayed = WireClient.RelayedOf(await client.AllocateAsync(cancellationToken));
        using Socket open = Servers.Peer(IPAddress.Loopback);
        var openAddress = (IPEndPoint)open.LocalEndPoint!;
        IPEndPoint closed;
        using (Socket closing = Servers.Peer(IPAddress.Loopback))
            closed = (IPEndPoint)closing.LocalEndPoint!;
        await client.PermitAsync(closed, cancellationToken);
        for (int i = 0; i < 200; i++)
        {
            await client.SendToAsync(closed, [1], cancellationToken);
            byte[] told = await client.ReceiveAsync(cancellationToken);
            Assert.That(StunMessage.TryParse(told, out StunMessage message, out _), Is.True);
            Assert.That(message.TryGetIcmp(out TurnIcmp icmp), Is.True, message.Type.ToString());
            Assert.That(icmp, Is.EqualTo(new TurnIcmp(3, 3, 0)));
            Assert.That(message.TryGetPeer(out TransportAddress peer) && peer.ToIPEndPoint().Equals(closed), Is.True);
        }

        // The relay lives on, for other peers.
        await client.SendToAsync(openAddress, [2], cancellationToken);
        SocketReceiveFromResult received = await open.ReceiveFromAsync(new byte[10], new IPEndPoint(IPAddress.Any, 0), cancellationToken);
        Assert.That(received.RemoteEndPoint, Is.EqualTo(relayed));
    }

    [Test]
    public async Task Loopback_peers_are_forbidden_unless_allowed(CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken, o => o with { Policy = new RelayPolicy() });
        using WireClient client = WireClient.Udp(server.UdpEndPoints[0]);
        _ = await client.AllocateAsync(cancellationToken);
        byte[] reply = await client.AskAsync(StunMethod.CreatePermission, (ref w) => w.AddPeer(TransportAddress.Parse("127.0.0.1", 22)), cancellationToken);
        Assert.That(WireClient.CodeOf(reply), Is.EqualTo(403));
        Assert.That(server.GetStatistics().GetErrors(403), Is.EqualTo(1));
    }

    [Test]
    [Rfc(8656, "12.5")]
    public async Task A_stream_is_cut_into_messages_wherever_it_was_cut_before(CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken);
        using WireClient client = await Servers.ConnectAsync(server, "tcp", cancellationToken);
        byte[] request = Requests.Binding();
        byte[] three = [.. request, .. request, .. request];
        for (int i = 0; i < three.Length; i += 7)
            await client.SendAsync(three[i..Math.Min(three.Length, i + 7)], cancellationToken);
        for (int i = 0; i < 3; i++)
            Assert.That(WireClient.CodeOf(await client.ReceiveAsync(cancellationToken)), Is.Zero);
        await client.SendAsync([0x80, 1, 2, 3, 4, 5, 6, 7], cancellationToken);
        Assert.That(await client.ReceiveAsync(cancellationToken), Is.Empty, "What is neither STUN nor ChannelData ends the stream.");
    }

    [Test]
    public async Task A_stream_without_an_allocation_is_closed_after_a_while(CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken, o => o with { IdleStreamTimeout = TimeSpan.FromMilliseconds(50) });
        using WireClient idle = await Servers.ConnectAsync(server, "tcp", cancellationToken);
        Assert.That(await idle.ReceiveAsync(cancellationToken), Is.Empty);
        using Socket silent = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await silent.ConnectAsync(server.TlsEndPoints[0], cancellationToken);
        Assert.That(await silent.ReceiveAsync(new byte[1], cancellationToken), Is.Zero, "A handshake that does not come.");
    }

    [Test]
    public async Task Streams_beyond_the_limit_are_closed_and_counted(CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken, o => o with { MaxStreams = 1 });
        using WireClient first = await Servers.ConnectAsync(server, "tcp", cancellationToken);
        await first.SendAsync(Requests.Binding(), cancellationToken);
        _ = await first.ReceiveAsync(cancellationToken);
        using WireClient second = await Servers.ConnectAsync(server, "tcp", cancellationToken);
        Assert.That(await second.ReceiveAsync(cancellationToken), Is.Empty);
        TurnServerStatistics statistics = server.GetStatistics();
        Assert.That((statistics.Streams, statistics.RefusedStreams), Is.EqualTo((1, 1)));
    }

    [Test]
    [Rfc(5780, "6.1")]
    public async Task With_two_addresses_the_answer_comes_from_the_other_one(CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken, o => o with { AlternateUdpEndPoint = new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0) });
        Assert.That(server.UdpEndPoints.Where(e => e.AddressFamily == AddressFamily.InterNetwork).Select(e => e.Address.ToString()), Is.EquivalentTo(new[] { "127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.2" }));
        using Socket client = Servers.Peer(IPAddress.Any);
        byte[] buffer = new byte[500];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, Requests.TransactionId);
        writer.AddUInt32(StunAttributeType.ChangeRequest, 6);
        _ = await client.SendToAsync(writer.Written.ToArray(), server.UdpEndPoints[0], cancellationToken);
        SocketReceiveFromResult received = await client.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), cancellationToken);
        Assert.That(received.RemoteEndPoint, Is.EqualTo(server.UdpEndPoints[1]));
    }

    [Test]
    public async Task What_happens_can_be_read(CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken);
        using WireClient client = WireClient.Udp(server.UdpEndPoints[0]);
        _ = await client.AllocateAsync(cancellationToken);
        await client.DeleteAsync(cancellationToken);
        await server.StopAsync(TimeSpan.Zero, cancellationToken);
        List<TurnServerEvent> events = [];
        await foreach (TurnServerEvent happened in server.ReadEventsAsync(cancellationToken))
            events.Add(happened);
        Assert.That(events.Select(e => e.GetType().Name), Is.EqualTo(new[] { "AllocationCreated", "AllocationEnded" }));
    }

    [Test]
    public async Task Stopping_waits_for_the_allocations_and_takes_no_new_ones(CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken);
        using WireClient client = WireClient.Udp(server.UdpEndPoints[0]);
        using WireClient late = WireClient.Udp(server.UdpEndPoints[0]);
        _ = await client.AllocateAsync(cancellationToken);
        Task stopping = server.StopAsync(TimeSpan.FromMinutes(5), cancellationToken);
        byte[] refused = await late.AskAsync(StunMethod.Allocate, static (ref w) => w.AddRequestedTransport(TurnTransport.Udp), cancellationToken);
        Assert.That(WireClient.CodeOf(refused), Is.EqualTo(508));
        Assert.That(stopping.IsCompleted, Is.False);
        await client.DeleteAsync(cancellationToken);
        await stopping;
        Assert.That(server.RunningTasks, Is.Zero);
    }

    [Test]
    public async Task Disposal_ends_everything_that_was_open(CancellationToken cancellationToken)
    {
        TurnServer server = await Servers.StartAsync(cancellationToken);
        IPEndPoint[] listening = [.. server.UdpEndPoints];
        IPEndPoint[] tcp = [.. server.TcpEndPoints, .. server.TlsEndPoints];
        using WireClient udp = WireClient.Udp(listening[0]);
        IPEndPoint relayed = WireClient.RelayedOf(await udp.AllocateAsync(cancellationToken));
        using WireClient stream = await Servers.ConnectAsync(server, "tls", cancellationToken);
        IPEndPoint relayedTcp = WireClient.RelayedOf(await stream.AllocateAsync(cancellationToken, TurnTransport.Tcp));
        Assert.That(server.RunningTasks, Is.GreaterThan(5));
        await server.DisposeAsync();
        Assert.That(server.RunningTasks, Is.Zero);
        Assert.That(server.UdpEndPoints, Is.Empty);
        Assert.That(await stream.ReceiveAsync(cancellationToken), Is.Empty);
        foreach (IPEndPoint endPoint in (IPEndPoint[])[.. listening, relayed])
        {
            using var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(endPoint);
        }

        foreach (IPEndPoint endPoint in (IPEndPoint[])[.. tcp, relayedTcp])
        {
            using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            Assert.That(() => socket.Connect(endPoint), Throws.InstanceOf<SocketException>());
        }

        await server.DisposeAsync();
    }

    [Test]
    public async Task Misuse_is_reported_at_once(CancellationToken cancellationToken)
    {
        Assert.That(() => new TurnServer(new TurnServerOptions()), Throws.ArgumentException.With.Message.Contains("endpoint"));
        Assert.That(() => new TurnServer(Servers.Options with { Certificate = null }), Throws.ArgumentException.With.Message.Contains("Certificate"));
        Assert.That(() => new TurnServer(Servers.Options with { MinRelayPort = 9, MaxRelayPort = 8 }), Throws.ArgumentException);
        Assert.That(() => new TurnServer(Servers.Options with { AlternateUdpEndPoint = new IPEndPoint(IPAddress.IPv6Loopback, 0) }), Throws.ArgumentException);
        var server = new TurnServer(Servers.Options);
        Assert.That(() => server.GetStatistics(), Throws.InvalidOperationException);
        await server.StartAsync(cancellationToken);
        await Assert.ThatAsync(async () => await server.StartAsync(cancellationToken), Throws.InvalidOperationException);
        await server.DisposeAsync();
        await Assert.ThatAsync(async () => await server.StartAsync(cancellationToken), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(Servers.Options.ToString(), Does.Not.Contain("secret"));
    }

    [Test]
    public async Task A_port_in_use_is_reported_and_nothing_stays_open(CancellationToken cancellationToken)
    {
        using Socket holder = Servers.Peer(IPAddress.Loopback);
        var taken = (IPEndPoint)holder.LocalEndPoint!;
        await using var server = new TurnServer(Servers.Options with { UdpEndPoints = [new(IPAddress.Loopback, 0), taken] });
        await Assert.ThatAsync(async () => await server.StartAsync(cancellationToken), Throws.InstanceOf<IOException>().With.Message.Contains(taken.ToString()));
        Assert.That(server.UdpEndPoints, Is.Empty);
        holder.Close();
        await server.StartAsync(cancellationToken);
        Assert.That(server.UdpEndPoints, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Without_users_it_is_a_STUN_server(CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken, o => o with { Users = new Dictionary<string, string>() });
        using WireClient client = WireClient.Udp(server.UdpEndPoints[0]);
        Assert.That(WireClient.CodeOf(await client.AskAsync(StunMethod.Binding, null, cancellationToken)), Is.Zero);
        Assert.That(WireClient.CodeOf(await client.AskAsync(StunMethod.Allocate, static (ref w) => w.AddRequestedTransport(TurnTransport.Udp), cancellationToken)), Is.EqualTo(440));
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    [Rfc(8489, "6.3.1.2")]
    public async Task The_answer_comes_from_where_the_request_went_and_tells_where_it_came_from(string address, CancellationToken cancellationToken)
    {
        await using var server = new TurnServer(new TurnServerOptions { UdpEndPoints = [new IPEndPoint(IPAddress.Parse(address), 0)] });
        await server.StartAsync(cancellationToken);
        using Socket client = Servers.Peer(IPAddress.Parse(address));
        byte[] buffer = new byte[500];
        _ = await client.SendToAsync(Requests.Binding(), server.UdpEndPoints[0], cancellationToken);
        SocketReceiveFromResult received = await client.ReceiveFromAsync(buffer, server.UdpEndPoints[0], cancellationToken);
        Assert.That(received.RemoteEndPoint, Is.EqualTo(server.UdpEndPoints[0]));
        Assert.That(StunMessage.TryParse(buffer.AsSpan(0, received.ReceivedBytes), out StunMessage message, out _), Is.True);
        Assert.That(message.TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress mapped) && mapped.ToIPEndPoint().Equals(client.LocalEndPoint), Is.True);
    }

    [Test]
    [Rfc(8489, "6.3.1.2")]
    public async Task An_unspecified_address_stands_for_every_address_of_the_machine(CancellationToken cancellationToken)
    {
        await using var server = new TurnServer(new TurnServerOptions { UdpEndPoints = [new IPEndPoint(IPAddress.Any, 0)] });
        await server.StartAsync(cancellationToken);
        IPAddress[] expected =
        [
            .. NetworkInterface.GetAllNetworkInterfaces().Where(i => i.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
                .SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address).Where(a => a.AddressFamily == AddressFamily.InterNetwork),
        ];
        Assert.That(server.UdpEndPoints.Select(e => e.Address), Is.EquivalentTo(expected).And.Contains(IPAddress.Loopback));
    }

    [Test]
    [NonParallelizable]
    public async Task Relaying_allocates_nothing_per_datagram(CancellationToken cancellationToken)
    {
        await using TurnServer server = await Servers.StartAsync(cancellationToken);
        using WireClient client = WireClient.Udp(server.UdpEndPoints[0]);
        using Socket peer = Servers.Peer(IPAddress.Loopback);
        _ = await client.AllocateAsync(cancellationToken);
        await client.BindAsync(0x4000, (IPEndPoint)peer.LocalEndPoint!, cancellationToken);
        byte[] message = new byte[104];
        _ = ChannelData.Write(message, 0x4000, new byte[100], stream: false);
        await using CancellationTokenRegistration patience = cancellationToken.Register(client.Dispose);
        const int Window = 1_000;
        await Task.Run(() => RoundTripsAsync(client.Socket, peer, message, Window), cancellationToken);
        long least = long.MaxValue;
        for (int window = 0; window < 10; window++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await Task.Run(() => RoundTripsAsync(client.Socket, peer, message, Window), cancellationToken);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // The whole process is measured, because the loops have no thread of their own, and the test runner allocates now and then. What a datagram
        // costs, every window would show: the smallest object has 24 bytes.
        Assert.That(least, Is.LessThan(Window * 24 / 2));
        Assert.That(server.GetStatistics().DatagramsToClients, Is.EqualTo(11 * Window));
    }

    // Asynchronous on both sides: a synchronous receive on a socket that was ever used asynchronously costs the client an allocation.
    private static async Task RoundTripsAsync(Socket client, Socket peer, Memory<byte> message, int count)
    {
        Memory<byte> buffer = new byte[1000];
        var source = new SocketAddress(AddressFamily.InterNetwork);
        for (int i = 0; i < count; i++)
        {
            _ = await client.SendAsync(message);
            int length = await peer.ReceiveFromAsync(buffer, SocketFlags.None, source);
            _ = await peer.SendToAsync(buffer[..length], SocketFlags.None, source);
            _ = await client.ReceiveAsync(buffer);
        }
    }
}
