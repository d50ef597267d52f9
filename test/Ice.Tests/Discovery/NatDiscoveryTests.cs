using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Ice.Net;
using Ice.Server;
using Ice.Testing;
using Stun;

namespace Ice.Tests;

/// <summary>NAT behavior discovery over real sockets on loopback, where there is no NAT. What it finds behind NATs is the simulation's to show.</summary>
[CancelAfter(30_000)]
internal sealed class NatDiscoveryTests
{
    private static readonly RetransmissionSchedule s_impatient = new(TimeSpan.FromMilliseconds(20), Rc: 2, Rm: 2);

    [Test]
    [Rfc(5780, "4.3")]
    public async Task Without_a_NAT_everything_gets_in_and_nothing_stays_open(CancellationToken cancellationToken)
    {
        await using TurnServer server = await StartAsync(cancellationToken);
        var sockets = new CountingSockets();
        var steps = new Steps();
        NatDiscoveryResult result = await NatDiscovery.RunAsync(Options($"stun:{server.UdpEndPoints[0]}") with { SocketFactory = sockets.Bind, Fragments = true }, steps, cancellationToken);
        NatBehavior found = result.Interfaces.Single().Behavior;
        Assert.That(result.Main, Is.SameAs(result.Interfaces[0]));
        Assert.That(found.Translated.Value, Is.False);
        Assert.That(found.Mapping.Value, Is.EqualTo(NatMappingBehavior.EndpointIndependent));
        Assert.That(found.Filtering.Value, Is.EqualTo(NatFilteringBehavior.EndpointIndependent));
        Assert.That(found.PortPreservation.Value, Is.True);
        Assert.That(found.Fragments.Value, Is.True);
        Assert.That(found.Hairpinning.Reason, Does.Contain("no NAT"));
        Assert.That(found.Samples.Select(static s => s.Local.Port), Is.All.GreaterThanOrEqualTo(32_768));
        Assert.That((result.UdpBlocked, result.IPv6.Value), Is.EqualTo((false, (bool?)false)));
        Assert.That(steps.Seen[..2], Is.EqualTo(new[] { (NatProbeStep.Servers, true), (NatProbeStep.Servers, false) }));
        Assert.That(steps.Seen.Where(static s => s.Item2).Select(static s => s.Item1), Is.EquivalentTo(steps.Seen.Where(static s => !s.Item2).Select(static s => s.Item1)));
        Assert.That(sockets.Opened, Is.GreaterThan(3));
        Assert.That(sockets.Open, Is.Zero);
    }

    [Test]
    [Rfc(5780, "4.2")]
    public async Task Silence_from_every_server_is_told_with_what_it_may_mean(CancellationToken cancellationToken)
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        NatDiscoveryResult result = await NatDiscovery.RunAsync(Options($"stun:{silent.LocalEndPoint}") with { Schedule = s_impatient }, null, cancellationToken);
        Assert.That((result.UdpBlocked, result.ReachedOverTcp), Is.EqualTo((true, (bool?)false)));
        Assert.That(result.Main!.Behavior.Mapping.Reason, Does.Contain("blocked on the way, or no server is there"));

        using var there = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        there.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        there.Listen();
        result = await NatDiscovery.RunAsync(Options($"stun:{there.LocalEndPoint}") with { Schedule = s_impatient }, null, cancellationToken);
        Assert.That((result.UdpBlocked, result.ReachedOverTcp), Is.EqualTo((true, (bool?)true)));
    }

    [Test]
    public async Task Servers_that_cannot_be_asked_are_problems_and_hold_nobody_up(CancellationToken cancellationToken)
    {
        await using TurnServer server = await StartAsync(cancellationToken);
        NatDiscoveryOptions options = Options("stun:nowhere.example.org", "turn:127.0.0.1?transport=tcp", $"stun:{server.UdpEndPoints[0]}");
        NatDiscoveryResult result = await NatDiscovery.RunAsync(options with { NameResolver = new TableResolver() }, null, cancellationToken);
        Assert.That(result.Problems, Has.Count.EqualTo(2));
        Assert.That(result.Problems[0], Does.Contain("'nowhere.example.org' was not resolved"));
        Assert.That(result.Problems[1], Does.Contain("turn:127.0.0.1?transport=tcp").And.Contain("take stun:"));
        Assert.That(result.Main!.Behavior.Filtering.IsKnown, Is.True);
    }

    [Test]
    [Rfc(5780, "5.1")]
    public async Task A_name_may_lead_to_servers_by_SRV_records(CancellationToken cancellationToken)
    {
        await using TurnServer server = await StartAsync(cancellationToken);
        NatDiscoveryOptions options = Options("stun:example.org") with
        {
            ServiceResolver = new Records("_stun-behavior._udp.example.org", server.UdpEndPoints[0].Port, "s.example.org"),
            NameResolver = new TableResolver(("s.example.org", "127.0.0.1")),
        };
        NatDiscoveryResult result = await NatDiscovery.RunAsync(options, null, cancellationToken);
        Assert.That(result.Problems, Is.Empty);
        Assert.That(result.Main!.Behavior.Servers.Single().Answered, Is.True);
    }

    [Test]
    public async Task Cancelling_closes_everything(CancellationToken cancellationToken)
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var sockets = new CountingSockets();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<NatDiscoveryResult> running = NatDiscovery.RunAsync(Options($"stun:{silent.LocalEndPoint}") with { SocketFactory = sockets.Bind }, null, stop.Token);
        _ = await silent.ReceiveAsync(new byte[100], cancellationToken);
        await stop.CancelAsync();
        Assert.That(async () => await running, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(sockets.Open, Is.Zero);
    }

    [Test]
    public async Task Where_nothing_can_be_sent_nothing_is_waited_for(CancellationToken cancellationToken)
    {
        var network = new MemoryNetwork();
        NatDiscoveryOptions options = Options("stun:203.0.113.1", "stun:203.0.113.2") with
        {
            BindAddresses = [IPAddress.Parse("192.0.2.1")],
            SocketFactory = endPoint =>
            {
                MemorySocket socket = network.BindSocket(endPoint);
                socket.SendError = SocketError.NetworkUnreachable;
                return socket;
            },
        };
        NatDiscoveryResult result = await NatDiscovery.RunAsync(options, null, cancellationToken);
        Assert.That(result.Main!.Behavior.Mapping.Reason, Does.Contain("NetworkUnreachable").And.Contain("no route"));
        Assert.That(network.OpenSockets, Is.Zero);
    }

    [Test]
    public async Task An_address_without_a_server_of_its_family_is_listed_with_the_reason(CancellationToken cancellationToken)
    {
        NatDiscoveryOptions options = Options("stun:203.0.113.1") with { BindAddresses = [IPAddress.Parse("2001:db8::1")] };
        NatDiscoveryResult result = await NatDiscovery.RunAsync(options, null, cancellationToken);
        Assert.That(result.Interfaces.Single().Behavior.Mapping.Reason, Does.Contain("2001:db8::1"));
        Assert.That(result.IPv6, Is.EqualTo(new NatFinding<bool>(null, "No server has an IPv6 address.")));
    }

    [Test]
    public void What_cannot_be_is_refused_before_anything_is_sent()
    {
        NatDiscoveryOptions good = Options("stun:203.0.113.1");
        Assert.That(() => NatDiscovery.RunAsync(good with { Servers = [] }), Throws.ArgumentException.With.Message.Contain("stun:stun.example.org"));
        Assert.That(() => NatDiscovery.RunAsync(good with { IPv4 = false, IPv6 = false }), Throws.ArgumentException);
        Assert.That(() => NatDiscovery.RunAsync(good with { Sockets = 99 }), Throws.ArgumentException.With.Message.Contain("Sockets"));
    }

    private static NatDiscoveryOptions Options(params string[] servers) =>
        new() { Servers = [.. servers.Select(static s => new IceServer(s))], BindAddresses = [IPAddress.Loopback], IncludeLoopback = true, Sockets = 2 };

    private static async Task<TurnServer> StartAsync(CancellationToken cancellationToken)
    {
        var server = new TurnServer(new TurnServerOptions
        {
            UdpEndPoints = [new IPEndPoint(IPAddress.Loopback, 0)],
            AlternateUdpEndPoint = new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0),
        });
        await server.StartAsync(cancellationToken);
        return server;
    }

    private sealed class Steps : IProgress<NatDiscoveryProgress>
    {
        private readonly ConcurrentQueue<(NatProbeStep, bool)> _seen = [];

        public List<(NatProbeStep, bool)> Seen => [.. _seen];

        public void Report(NatDiscoveryProgress value) => _seen.Enqueue((value.Step, value.SoFar is null));
    }

    private sealed class Records(string name, int port, string target) : IDnsResolver
    {
        public Task<IReadOnlyList<DnsRecord>> QueryAsync(string asked, DnsRecordType type, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<DnsRecord>>(asked == name && type == DnsRecordType.Srv ? [new DnsRecord.Service(name, TimeSpan.FromMinutes(1), 0, 0, port, target)] : []);
    }

    /// <summary>Real sockets that are counted.</summary>
    private sealed class CountingSockets
    {
        private int _opened;
        private int _open;

        public int Opened => Volatile.Read(ref _opened);

        public int Open => Volatile.Read(ref _open);

        public IDatagramSocket Bind(IPEndPoint endPoint)
        {
            var socket = new Counted(this, PortableUdpSocket.Bind(endPoint));
            Interlocked.Increment(ref _opened);
            Interlocked.Increment(ref _open);
            return socket;
        }

        private sealed class Counted(CountingSockets owner, PortableUdpSocket socket) : IDatagramSocket
        {
            private int _closed;

            public IPEndPoint LocalEndPoint => socket.LocalEndPoint;

            public ValueTask<int> ReceiveFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken) => socket.ReceiveFromAsync(buffer, source, cancellationToken);

            public SocketError TrySendTo(ReadOnlySpan<byte> datagram, SocketAddress destination) => socket.TrySendTo(datagram, destination);

            public ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, CancellationToken cancellationToken) => socket.SendToAsync(datagram, destination, cancellationToken);

            public SocketAddress CreateAddress() => socket.CreateAddress();

            public void Dispose()
            {
                if (Interlocked.Exchange(ref _closed, 1) == 0)
                    Interlocked.Decrement(ref owner._open);
                socket.Dispose();
            }
        }
    }
}
