using Ice.Core;
using Ice.Net;
using Ice.Testing;
using Stun;

namespace Ice.Tests;

/// <summary>The examples of RFC 5928, and what they leave out.</summary>
internal sealed class ServiceResolutionTests
{
    private static readonly RelayTransport[] s_preferred = [RelayTransport.Tls, RelayTransport.Tcp, RelayTransport.Udp];

    [Test]
    [Rfc(5928, "4.1")]
    public async Task Multiple_protocols_come_in_the_order_of_table_2()
    {
        Assert.That(await ResolveAsync("turn:example.net"), Is.EqualTo(new[]
        {
            new ServiceLocation("a.example.net", 3478, RelayTransport.Udp),
            new ServiceLocation("a.example.net", 5349, RelayTransport.Tls),
            new ServiceLocation("a.example.net", 5000, RelayTransport.Tcp),
        }));
    }

    [Test]
    [Rfc(5928, "4.2")]
    public async Task Remote_hosting_leads_to_the_same_servers()
    {
        // One rank for all three protocols: "the preferred order set by the application is used" (§3).
        Assert.That(await ResolveAsync("turn:example.com"), Is.EqualTo(new[]
        {
            new ServiceLocation("a.example.net", 5349, RelayTransport.Tls),
            new ServiceLocation("a.example.net", 5000, RelayTransport.Tcp),
            new ServiceLocation("a.example.net", 3478, RelayTransport.Udp),
        }));
    }

    [TestCase("turn:example.net?transport=tcp", "a.example.net", 5000, RelayTransport.Tcp)]
    [TestCase("turn:example.net?transport=udp", "a.example.net", 3478, RelayTransport.Udp)]
    [TestCase("turns:compat.example.com?transport=tcp", "a.example.net", 5349, RelayTransport.Tls)]
    [TestCase("turns:compat.example.com", "a.example.net", 5349, RelayTransport.Tls)]
    [TestCase("turn:example.net:7000?transport=tcp", "example.net", 7000, RelayTransport.Tcp)]
    [TestCase("turn:bare.example.org?transport=udp", "bare.example.org", 3478, RelayTransport.Udp)]
    [TestCase("turns:bare.example.org", "bare.example.org", 5349, RelayTransport.Tls)]
    [TestCase("stun:stun.example.org", "s.example.org", 3479, RelayTransport.Udp)]
    [TestCase("stun:bare.example.org", "bare.example.org", 3478, RelayTransport.Udp)]
    [TestCase("stun:stun.example.org:9000", "stun.example.org", 9000, RelayTransport.Udp)]
    [Rfc(5928, "3")]
    [Rfc(8489, "8")]
    public async Task Ports_and_transports_decide_which_records_are_asked_for(string uri, string host, int port, RelayTransport transport) =>
        Assert.That(await ResolveAsync(uri), Is.EqualTo(new[] { new ServiceLocation(host, port, transport) }));

    [Test]
    [Rfc(5928, "3")]
    public async Task A_port_without_a_transport_is_tried_with_every_transport_in_order() => Assert.That(
        await ResolveAsync("turn:example.net:7000"), Is.EqualTo(s_preferred.Select(static t => new ServiceLocation("example.net", 7000, t))));

    [Test]
    public async Task Services_come_by_priority_and_within_one_as_often_as_their_weight()
    {
        int first = 0;
        for (int i = 0; i < 400; i++)
        {
            IReadOnlyList<ServiceLocation> found = await ResolveAsync("turn:weighted.example.org?transport=udp");
            Assert.That(found[2].Host, Is.EqualTo("later.example.org"));
            first += found[0].Host == "heavy.example.org" ? 1 : 0;
        }

        Assert.That(first, Is.InRange(320, 395), "90 of 100");
    }

    [Test]
    public async Task Pointers_that_lead_in_a_circle_end() => Assert.That(
        (await ResolveAsync("turn:circle.example.org")).Select(static l => l.Host), Is.All.EqualTo("circle.example.org"));

    [Test]
    public async Task An_agent_with_a_service_resolver_asks_the_port_that_the_record_names()
    {
        await using MemoryPair pair = new(left: static options => options with
        {
            Servers = [new IceServer("stun:stun.example.org")],
            ServiceResolver = new Zone(),
            NameResolver = new TableResolver(("s.example.org", "203.0.113.1")),
        });
        using MemoryStunServer server = new(pair.Network, new System.Net.IPEndPoint(System.Net.IPAddress.Parse("203.0.113.1"), 3479), TransportAddress.Parse("198.51.100.7", 7777));
        IceCandidate[] candidates = await AgentPair.GatherAsync(pair.Left);
        Assert.That(candidates.Select(static c => c.Type), Has.One.EqualTo(IceCandidateType.ServerReflexive));
    }

    private static Task<IReadOnlyList<ServiceLocation>> ResolveAsync(string uri) =>
        new ServiceResolution(new Zone(), EntropySource.Secure).ResolveAsync(StunUri.Parse(uri), s_preferred, CancellationToken.None);

    private sealed class Zone : IDnsResolver
    {
        private static readonly DnsRecord[] s_records =
        [
            Pointer("example.net", 100, "", "RELAY:turn.udp", "datagram.example.net"),
            Pointer("example.net", 200, "", "RELAY:turn.tcp:turn.tls", "stream.example.net"),
            Pointer("datagram.example.net", 100, "S", "RELAY:turn.udp", "_turn._udp.example.net"),
            Pointer("stream.example.net", 100, "S", "RELAY:turn.tcp", "_turn._tcp.example.net"),
            Pointer("stream.example.net", 200, "A", "RELAY:turn.tls", "a.example.net"),
            Service("_turn._udp.example.net", 0, 0, 3478, "a.example.net"),
            Service("_turn._tcp.example.net", 0, 0, 5000, "a.example.net"),
            Pointer("example.com", 100, "", "RELAY:turn.udp:turn.tcp:turn.tls", "example.net"),
            Service("_turns._tcp.compat.example.com", 0, 0, 5349, "a.example.net"),
            Service("_stun._udp.stun.example.org", 0, 0, 3479, "s.example.org"),
            Service("_turn._udp.weighted.example.org", 1, 10, 1, "light.example.org"),
            Service("_turn._udp.weighted.example.org", 1, 90, 1, "heavy.example.org"),
            Service("_turn._udp.weighted.example.org", 2, 0, 1, "later.example.org"),
            Pointer("circle.example.org", 1, "", "RELAY:turn.udp", "circle.example.org"),
        ];

        public Task<IReadOnlyList<DnsRecord>> QueryAsync(string name, DnsRecordType type, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<DnsRecord>>([.. s_records.Where(r => r.Name == name && (type == DnsRecordType.Srv ? r is DnsRecord.Service : r is DnsRecord.Pointer))]);

        private static DnsRecord.Pointer Pointer(string name, int order, string flags, string services, string replacement) =>
            new(name, TimeSpan.FromMinutes(1), order, 10, flags, services, replacement);

        private static DnsRecord.Service Service(string name, int priority, int weight, int port, string target) =>
            new(name, TimeSpan.FromMinutes(1), priority, weight, port, target);
    }
}
