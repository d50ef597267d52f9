using Ice.Testing;

namespace Stun.Tests.Discovery;

/// <summary>What servers, and those who pretend to be one, may say to a probe.</summary>
internal sealed class NatBehaviorProbeTests
{
    private static TransportAddress Server => ScriptedProbe.Server;

    private static TransportAddress Other => ScriptedProbe.Other;

    [Test]
    [Rfc(5780, "5")]
    public void A_server_that_redirects_is_not_followed()
    {
        var probe = new ScriptedProbe(static (_, r) => [new(r.Destination, ScriptedProbe.Error(r, StunErrorCode.TryAlternate))]);
        NatBehavior found = probe.Run();
        Assert.That(found.UdpBlocked, Is.False, "an error is an answer");
        Assert.That(found.Mapping.Reason, Does.Contain("300").And.Contain("name that server"));
        Assert.That(probe.Sent.Select(static r => r.Destination).Distinct(), Is.EqualTo(new[] { Server }));
    }

    [Test]
    [Rfc(5780, "5.2")]
    public void A_server_that_asks_for_credentials_is_reported()
    {
        NatBehavior found = new ScriptedProbe(static (_, r) => [new(r.Destination, ScriptedProbe.Error(r, StunErrorCode.Unauthenticated))]).Run();
        Assert.That(found.Servers[0].Code, Is.EqualTo(401));
        Assert.That(found.Mapping.Reason, Does.Contain("401"));
    }

    [Test]
    [Rfc(5780, "5")]
    public void A_420_to_what_is_optional_is_taken_for_what_it_is()
    {
        var probe = new ScriptedProbe(
            static (p, r) => [new(r.Destination, r.Change != 0 || r.ResponsePort != 0 ? ScriptedProbe.Error(r, StunErrorCode.UnknownAttribute) : ScriptedProbe.Success(r, p.Mapped(r), Other))],
            static o => o with { LifetimeBudget = TimeSpan.FromMinutes(1) });
        NatBehavior found = probe.Run();
        Assert.That(found.Mapping.Value, Is.EqualTo(NatMappingBehavior.EndpointIndependent));
        Assert.That(found.Filtering.Reason, Does.Contain("420"));
        Assert.That(found.Lifetime.Reason, Does.Contain("420"));
        Assert.That(found.Filtering.IsKnown || found.Lifetime.IsKnown, Is.False);
    }

    [Test]
    public void A_server_that_ignores_what_it_does_not_know_proves_nothing()
    {
        var probe = new ScriptedProbe(static (p, r) => [new(r.Destination, ScriptedProbe.Success(r, p.Mapped(r), Other))], static o => o with { LifetimeBudget = TimeSpan.FromMinutes(1), Fragments = true });
        NatBehavior found = probe.Run();
        Assert.That(found.Filtering.Reason, Does.Contain($"answered from {Server} when it was asked to answer from {Other}"));
        Assert.That(found.Lifetime.Reason, Does.Contain("ignores RESPONSE-PORT"));
        Assert.That(found.Fragments.Reason, Does.Contain("without PADDING"));
        Assert.That(probe.Sent.Max(static r => r.Padding), Is.EqualTo(1500));
    }

    [Test]
    [Rfc(5780, "7.4")]
    public void The_old_attribute_for_the_second_address_serves_too()
    {
        NatBehavior found = new ScriptedProbe(static (p, r) => [new(Source(r), ScriptedProbe.Success(r, p.Mapped(r), Other, StunAttributeType.ChangedAddress))]).Run();
        Assert.That(found.Servers[0].Other, Is.EqualTo(Other));
        Assert.That(found.Filtering.Value, Is.EqualTo(NatFilteringBehavior.EndpointIndependent));
    }

    [TestCase("203.0.113.10", 3479)]
    [TestCase("203.0.113.11", 3478)]
    [TestCase("2001:db8::1", 3479)]
    [TestCase("203.0.113.11", 0)]
    [TestCase("0.0.0.0", 3479)]
    [TestCase("224.0.0.1", 3479)]
    public void A_second_address_that_is_none_is_not_used(string address, int port)
    {
        var other = TransportAddress.Parse(address, port);
        var probe = new ScriptedProbe((p, r) => [new(r.Destination, ScriptedProbe.Success(r, p.Mapped(r), other))]);
        NatBehavior found = probe.Run();
        Assert.That(found.Servers[0].Problem, Does.Contain("not another address with another port"));
        Assert.That(found.Filtering.IsKnown, Is.False);
        Assert.That(probe.Sent.Where(static r => r.Destination.SameAddress(Server)).Select(static r => r.Destination).Distinct(), Is.EqualTo(new[] { Server }));
        Assert.That(probe.Sent.Select(static r => r.Destination), Has.No.Member(other));
    }

    [Test]
    public void Forged_answers_change_nothing_and_are_counted()
    {
        TransportAddress lie = TransportAddress.Parse("198.51.100.66", 666);
        TransportAddress attacker = TransportAddress.Parse("203.0.113.66", 3478);
        var probe = new ScriptedProbe((p, r) =>
        [
            new(r.Destination, ScriptedProbe.Success(r with { Id = TransactionId.Create(EntropySource.Secure) }, lie)),
            new(attacker, ScriptedProbe.Success(r, lie)),
            new(r.Destination.WithPort(9), ScriptedProbe.Success(r, lie)),
            new(r.Destination, ScriptedProbe.Success(r, lie)) { Socket = new NatSocketId(999) },
            new(r.Destination, ScriptedProbe.Success(r, lie, extra: 0x7777)),
            new(Source(r), ScriptedProbe.Success(r, p.Mapped(r), Other)),
            new(Source(r), ScriptedProbe.Success(r, lie, Other)),
        ]);
        NatBehavior found = probe.Run();
        Assert.That(found.PublicAddresses.Select(static a => a.ToIPAddress().ToString()), Is.EqualTo(new[] { "198.51.100.1" }));
        Assert.That(found.Mapping.Value, Is.EqualTo(NatMappingBehavior.EndpointIndependent));
        foreach (NatProbeDrop reason in (NatProbeDrop[])[NatProbeDrop.UnknownTransaction, NatProbeDrop.WrongSource, NatProbeDrop.Unexpected, NatProbeDrop.Unusable, NatProbeDrop.Duplicate])
            Assert.That(probe.Probe.GetDropCount(reason), Is.Positive, reason.ToString());
    }

    [Test]
    public void A_changed_source_counts_only_for_the_request_that_asked_for_it()
    {
        // The answer to a plain request from the second address is no answer.
        NatBehavior found = new ScriptedProbe(static (p, r) => r.Change == 0 && r.Destination == Server ? [new(Other, ScriptedProbe.Success(r, p.Mapped(r), Other))] : []).Run();
        Assert.That(found.UdpBlocked, Is.True);
    }

    [TestCase(NatHairpinning.InternalSource)]
    [TestCase(NatHairpinning.ExternalSource)]
    [TestCase(NatHairpinning.OtherSource)]
    [Rfc(4787, "6")]
    public void The_source_of_what_is_hairpinned_is_told(NatHairpinning expected)
    {
        NatBehavior found = new ScriptedProbe((p, r) =>
        {
            if (r.Destination.SameAddress(Server) || r.Destination.SameAddress(Other))
                return [new(Source(r), ScriptedProbe.Success(r, p.Mapped(r), Other))];
            NatSocketId target = p.Locals.Single(l => l.Value.Port + 100 == r.Destination.Port).Key;
            TransportAddress source = expected switch
            {
                NatHairpinning.InternalSource => p.LocalOf(r.Socket),
                NatHairpinning.ExternalSource => p.Mapped(r).WithPort(61_000),
                _ => TransportAddress.Parse("192.168.1.1", 61_000),
            };
            var writer = new StunWriter(new byte[40], StunMethod.Binding, StunClass.Request, r.Id);
            return [new(source, writer.Written.ToArray()) { Socket = target }];
        }).Run();
        Assert.That(found.Hairpinning.Value, Is.EqualTo(expected));
    }

    [TestCase(NatPortPattern.Sequential, 1, 5000, 5001, 5002, 5003, 5004, 5005, 5006, 5007)]
    [TestCase(NatPortPattern.Sequential, 2, 5000, 5002, 5006, 5008, 5014, 5016, 5018, 5020)]
    [TestCase(NatPortPattern.Sequential, -4, 5028, 5024, 5020, 5016, 5012, 5008, 5004, 5000)]
    [TestCase(NatPortPattern.Sequential, 1, 65_533, 65_534, 65_535, 1024, 1025, 1026, 1027, 1028)]
    [TestCase(NatPortPattern.Random, 0, 5000, 9000, 7000, 61_000, 2000, 33_000, 12_000, 40_000)]
    [TestCase(NatPortPattern.Random, 0, 5000, 5001, 4999, 5003, 4990, 5010, 4980, 5020)]
    [TestCase(NatPortPattern.Random, 0, 5000, 9001, 7000, 61_001, 2000, 33_001, 12_000, 40_001)]
    public void The_pattern_of_external_ports_is_seen(NatPortPattern pattern, int step, params int[] ports)
    {
        NatBehavior found = new ScriptedProbe((_, r) => [new(r.Destination, ScriptedProbe.Success(r, TransportAddress.Parse("198.51.100.1", ports[r.Socket.Value])))]).Run();
        // The local ports are even and odd in turn. A sequence may keep step with them by chance: that says nothing of parity.
        bool kept = ports.Index().All(static p => (p.Index & 1) == (p.Item & 1));
        Assert.That(found.Allocation.Value, Is.EqualTo(new NatPortAllocation(pattern, step, kept ? pattern == NatPortPattern.Sequential ? null : true : false)));
        Assert.That(found.PortPreservation, Is.EqualTo(new NatFinding<bool>(false)));
        Assert.That(found.Samples.Select(static s => s.Mapped.Port), Is.EqualTo(ports));
    }

    [Test]
    public void Ports_that_are_kept_as_a_rule_are_preserved()
    {
        NatBehavior found = new ScriptedProbe((p, r) => [new(r.Destination, ScriptedProbe.Success(r, TransportAddress.Parse("198.51.100.1", r.Socket.Value == 3 ? 7 : p.LocalOf(r.Socket).Port)))]).Run();
        Assert.That(found.PortPreservation, Is.EqualTo(new NatFinding<bool>(true, "7 of 8 ports were kept.")));
        Assert.That(found.Allocation.Value!.Value.Pattern, Is.EqualTo(NatPortPattern.Preserving));
    }

    [Test]
    public void Without_sockets_nothing_is_known_and_nothing_sent()
    {
        var probe = new ScriptedProbe(static (_, _) => []) { OpensSockets = false };
        NatBehavior found = probe.Run();
        Assert.That(found.Mapping.Reason, Is.EqualTo("No socket could be opened."));
        Assert.That(found.UdpBlocked, Is.False);
        Assert.That(probe.Sent, Is.Empty);
    }

    [Test]
    [Rfc(8489, "6.2.1")]
    public void A_request_is_sent_again_by_its_schedule()
    {
        var probe = new ScriptedProbe(static (_, _) => []);
        _ = probe.Run();
        Assert.That(probe.Sent, Has.Count.EqualTo(5));
        Assert.That(probe.Sent.Select(static r => r.Id).Distinct().Count(), Is.EqualTo(1));
        Assert.That(probe.Now.SinceOrigin, Is.EqualTo(TimeSpan.FromSeconds(9.5)));
    }

    [Test]
    public void Mutated_answers_never_throw_and_never_keep_a_probe_from_its_end()
    {
        var random = new Random(5780);
        for (int round = 0; round < 300; round++)
        {
            var probe = new ScriptedProbe(
                (p, r) =>
                {
                    byte[] answer = ScriptedProbe.Success(r, p.Mapped(r), Other);
                    for (int i = random.Next(4); i > 0; i--)
                        answer[random.Next(answer.Length)] = (byte)random.Next(256);
                    return [new(Source(r), answer[..random.Next(answer.Length / 2, answer.Length + 1)]), new(Source(r), ScriptedProbe.Success(r, p.Mapped(r), random.Next(9) == 0 ? default : Other))];
                },
                static o => o with { LifetimeBudget = TimeSpan.FromSeconds(30), Fragments = true });
            Assert.That(probe.Run().Servers, Has.Count.EqualTo(1));
        }
    }

    [Test]
    public void Random_bytes_are_refused()
    {
        var probe = new NatBehaviorProbe(new NatProbeOptions { Servers = [Server] }, EntropySource.Secure, Instant.Zero);
        var random = new Random(1);
        byte[] bytes = new byte[64];
        for (int i = 0; i < 10_000; i++)
        {
            random.NextBytes(bytes);
            Assert.That(probe.HandleDatagram(new NatSocketId(random.Next(3)), Server, bytes.AsSpan(0, random.Next(65)), Instant.Zero), Is.Not.EqualTo(NatProbeDrop.None));
        }
    }

    [Test]
    public void What_cannot_be_is_refused_at_once()
    {
        static NatBehaviorProbe Make(NatProbeOptions options) => new(options, EntropySource.Secure, Instant.Zero);
        var good = new NatProbeOptions { Servers = [Server] };
        Assert.That(() => Make(good with { Servers = [] }), Throws.ArgumentException.With.Message.Contain("1 to 16 servers"));
        Assert.That(() => Make(good with { Servers = [Server, TransportAddress.Parse("2001:db8::1", 3478)] }), Throws.ArgumentException.With.Message.Contain("one family"));
        Assert.That(() => Make(good with { Servers = [Server, Server] }), Throws.ArgumentException.With.Message.Contain("twice"));
        Assert.That(() => Make(good with { Sockets = 1 }), Throws.ArgumentException.With.Message.Contain("Sockets"));
        Assert.That(() => Make(good with { LifetimeBudget = TimeSpan.FromSeconds(1) }), Throws.ArgumentException.With.Message.Contain("LifetimeBudget"));
        Assert.That(() => Make(good with { PaddingLength = 1501 }), Throws.ArgumentException.With.Message.Contain("PaddingLength"));
        NatBehaviorProbe probe = Make(good);
        Assert.That(() => probe.HandleSocketOpened(new NatSocketId(7), TransportAddress.Parse("192.0.2.1", 1), Instant.Zero), Throws.InvalidOperationException);
        Assert.That(() => probe.HandleSocketOpened(new NatSocketId(0), TransportAddress.Parse("0.0.0.0", 1), Instant.Zero), Throws.ArgumentException.With.Message.Contain("wildcard"));
        Assert.That(() => probe.TryGetTransmit(new byte[100], out _), Throws.ArgumentException.With.Message.Contain("1600"));
    }

    // Where a server answers from that does what it is asked.
    private static TransportAddress Source(SentRequest request) =>
        (request.Change & 4) != 0 ? Other : (request.Change & 2) != 0 ? request.Destination.WithPort(Other.Port) : request.Destination;
}
