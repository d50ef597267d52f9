using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Ice.Testing;
using Stun;

namespace Ice.Server.Tests;

[TestFixture]
[CancelAfter(10_000)]
internal sealed class StunServerTests
{
    private const int WindowLength = 1_000;

    private static readonly IPAddress[] s_loopbacks = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    [TestCaseSource(nameof(s_loopbacks))]
    [Rfc(8489, "6.3.1.2")]
    public async Task The_answer_comes_from_where_the_request_went(IPAddress address, CancellationToken cancellationToken)
    {
        await using StunServer server = await StartAsync(cancellationToken, new IPEndPoint(address, 0));
        IPEndPoint listening = server.BoundEndPoints.Single();
        using Socket client = Client(address);
        SocketReceiveFromResult received = await AskAsync(client, listening, Requests.Binding(), cancellationToken);
        Assert.That(received.RemoteEndPoint, Is.EqualTo(listening));
        Assert.That(server.Received, Is.EqualTo(1));
        Assert.That(server.GetCount(BindingOutcome.Success), Is.EqualTo(1));
    }

    [TestCaseSource(nameof(s_loopbacks))]
    public async Task The_client_learns_its_address(IPAddress address, CancellationToken cancellationToken)
    {
        await using StunServer server = await StartAsync(cancellationToken, new IPEndPoint(address, 0));
        using Socket client = Client(address);
        byte[] buffer = new byte[1024];
        int length = (await AskAsync(client, server.BoundEndPoints.Single(), Requests.Binding(), cancellationToken, buffer)).ReceivedBytes;
        Assert.That(Mapped(buffer.AsSpan(0, length)), Is.EqualTo(client.LocalEndPoint));
    }

    [Test]
    public async Task One_server_listens_on_both_families_at_the_same_port(CancellationToken cancellationToken)
    {
        await using StunServer first = await StartAsync(cancellationToken, new IPEndPoint(IPAddress.Loopback, 0));
        int port = first.BoundEndPoints.Single().Port;
        await using StunServer second = await StartAsync(cancellationToken, new IPEndPoint(IPAddress.IPv6Loopback, port));
        Assert.That(second.BoundEndPoints.Single(), Is.EqualTo(new IPEndPoint(IPAddress.IPv6Loopback, port)));
    }

    [Test]
    public async Task Refusals_are_counted_and_the_server_goes_on(CancellationToken cancellationToken)
    {
        await using StunServer server = await StartAsync(cancellationToken, new IPEndPoint(IPAddress.Loopback, 0));
        IPEndPoint listening = server.BoundEndPoints.Single();
        using Socket client = Client(IPAddress.Loopback);
        byte[] rfc3489 = Requests.Binding();
        rfc3489.AsSpan(4, 4).Clear();
        byte[][] refused = [[0x80, 1, 2], [], rfc3489, Requests.Make(StunMethod.Binding, StunClass.Indication), Requests.Make(StunMethod.Allocate, StunClass.Request), new byte[4000]];
        foreach (byte[] datagram in refused)
            _ = await client.SendToAsync(datagram, listening, cancellationToken);
        _ = await AskAsync(client, listening, Requests.Binding(), cancellationToken);
        Assert.That(server.Received, Is.EqualTo(refused.Length + 1));
        Assert.That(server.GetCount(BindingOutcome.Rfc3489), Is.EqualTo(1));
        Assert.That(server.GetCount(BindingOutcome.Indication), Is.EqualTo(1));
        Assert.That(server.GetCount(BindingOutcome.UnsupportedMethod), Is.EqualTo(1));
        Assert.That(server.GetCount(BindingOutcome.Success), Is.EqualTo(1));
    }

    [Test]
    public async Task A_port_in_use_is_reported_with_what_to_try_and_nothing_stays_open(CancellationToken cancellationToken)
    {
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var taken = (IPEndPoint)holder.LocalEndPoint!;
        await using var server = new StunServer(new StunServerOptions { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0), taken] });
        await Assert.ThatAsync(async () => await server.StartAsync(cancellationToken), Throws.InstanceOf<IOException>().With.Message.Contains(taken.ToString()).And.Message.Contains("another port"));
        Assert.That(server.BoundEndPoints, Is.Empty);
        holder.Close();
        await server.StartAsync(cancellationToken);
        Assert.That(server.BoundEndPoints, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task An_unspecified_address_stands_for_every_address_of_the_machine(CancellationToken cancellationToken)
    {
        await using StunServer server = await StartAsync(cancellationToken, new IPEndPoint(IPAddress.Any, 0));
        IPAddress[] expected =
        [
            .. NetworkInterface.GetAllNetworkInterfaces().Where(i => i.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
                .SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address).Where(a => a.AddressFamily == AddressFamily.InterNetwork),
        ];
        Assert.That(server.BoundEndPoints.Select(e => e.Address), Is.EquivalentTo(expected).And.Contains(IPAddress.Loopback));
    }

    [Test]
    public async Task Disposal_frees_the_port_and_ends_the_loops(CancellationToken cancellationToken)
    {
        StunServer server = await StartAsync(cancellationToken, new IPEndPoint(IPAddress.Loopback, 0));
        IPEndPoint listening = server.BoundEndPoints.Single();
        await server.DisposeAsync();
        await server.Completion.WaitAsync(cancellationToken);
        Assert.That(server.BoundEndPoints, Is.Empty);
        await using StunServer next = await StartAsync(cancellationToken, listening);
        Assert.That(next.BoundEndPoints.Single(), Is.EqualTo(listening));
        await server.DisposeAsync();
    }

    [Test]
    public async Task Misuse_is_reported_at_once(CancellationToken cancellationToken)
    {
        Assert.That(() => new StunServer(new StunServerOptions { EndPoints = [] }), Throws.ArgumentException);
        StunServer server = await StartAsync(cancellationToken, new IPEndPoint(IPAddress.Loopback, 0));
        await Assert.ThatAsync(async () => await server.StartAsync(cancellationToken), Throws.InvalidOperationException);
        await server.DisposeAsync();
        await Assert.ThatAsync(async () => await server.StartAsync(cancellationToken), Throws.InstanceOf<ObjectDisposedException>());
    }

    [TestCaseSource(nameof(s_loopbacks))]
    [NonParallelizable]
    public async Task Serving_allocates_nothing_per_datagram(IPAddress address, CancellationToken cancellationToken)
    {
        await using StunServer server = await StartAsync(cancellationToken, new IPEndPoint(address, 0));
        using Socket client = Client(address);
        SocketAddress to = server.BoundEndPoints.Single().Serialize();
        byte[] request = Requests.Binding(fingerprint: true);
        byte[] buffer = new byte[1024];
        // A receive timeout of the client's socket would bound the wait too, but costs the client an allocation each time.
        await using CancellationTokenRegistration patience = cancellationToken.Register(client.Dispose);
        await Task.Run(() => RoundTrips(client, request, buffer, to, WindowLength), cancellationToken);
        long least = long.MaxValue;
        for (int window = 0; window < 10; window++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await Task.Run(() => RoundTrips(client, request, buffer, to, WindowLength), cancellationToken);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // The whole process is measured, because the server's loop has no thread of its own, and the test runner allocates now and then.
        // What a datagram costs, every window would show: the smallest object has 24 bytes.
        Assert.That(least, Is.LessThan(WindowLength * 24 / 2));
        Assert.That(server.Answered, Is.EqualTo(11 * WindowLength).Within(1));
    }

    private static void RoundTrips(Socket client, byte[] request, byte[] buffer, SocketAddress to, int count)
    {
        var from = new SocketAddress(to.Family);
        for (int i = 0; i < count; i++)
        {
            _ = client.SendTo(request, SocketFlags.None, to);
            _ = client.ReceiveFrom(buffer, SocketFlags.None, from);
        }
    }

    private static async Task<StunServer> StartAsync(CancellationToken cancellationToken, params IPEndPoint[] endPoints)
    {
        var server = new StunServer(new StunServerOptions { EndPoints = endPoints });
        await server.StartAsync(cancellationToken);
        return server;
    }

    private static Socket Client(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    private static async Task<SocketReceiveFromResult> AskAsync(Socket client, IPEndPoint server, byte[] request, CancellationToken cancellationToken, byte[]? buffer = null)
    {
        _ = await client.SendToAsync(request, server, cancellationToken);
        return await client.ReceiveFromAsync(buffer ?? new byte[1024], server, cancellationToken);
    }

    private static IPEndPoint Mapped(ReadOnlySpan<byte> answer)
    {
        Assert.That(StunMessage.TryParse(answer, out StunMessage message, out _), Is.True);
        Assert.That(message.TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress mapped), Is.True);
        return mapped.ToIPEndPoint();
    }
}
