using Ice.Testing;
using Stun;

namespace Ice.Simulation.Tests.Discovery;

/// <summary>NAT behavior discovery (RFC 5780) against NATs whose behavior is known.</summary>
internal sealed class NatBehaviorProbeTests
{
    [Test]
    [Rfc(5780, "4.3")]
    [Rfc(5780, "4.4")]
    public void Each_of_the_nine_NATs_is_named([Values] NatMapping mapping, [Values] NatFiltering filtering, [Values] NatPortAssignment ports, [Values] NatHairpin hairpin)
    {
        var net = new ProbeNet(new NatOptions { Mapping = mapping, Filtering = filtering, PortAssignment = ports, Hairpin = hairpin });
        NatBehavior found = net.Run();
        Assert.That(found.Translated.Value, Is.True);
        Assert.That(found.Mapping, Is.EqualTo(new NatFinding<NatMappingBehavior>((NatMappingBehavior)mapping)));
        Assert.That(found.Filtering, Is.EqualTo(new NatFinding<NatFilteringBehavior>((NatFilteringBehavior)filtering)));
        Assert.That(found.PortPreservation, Is.EqualTo(new NatFinding<bool>(ports == NatPortAssignment.Preserving)));
        Assert.That(found.PublicAddresses, Is.EqualTo(new[] { TransportAddress.Parse("198.51.100.1", 0) }));
        AssertPattern(found, ports);
        bool canTell = mapping == NatMapping.EndpointIndependent || filtering == NatFiltering.EndpointIndependent;
        Assert.That(found.Hairpinning.Value, Is.EqualTo(canTell ? Enum.Parse<NatHairpinning>(hairpin.ToString()) : (NatHairpinning?)null), found.Hairpinning.Reason);
    }

    [Test]
    [Rfc(8489, "6.2.1")]
    public void Loss_changes_no_answer([Values] NatMapping mapping, [Values] NatFiltering filtering, [Range(1, 10)] int seed)
    {
        var conditions = new LinkConditions { Latency = TimeSpan.FromMilliseconds(30), Jitter = TimeSpan.FromMilliseconds(20), Loss = LossModel.Random(0.15) };
        var net = new ProbeNet(new NatOptions { Mapping = mapping, Filtering = filtering, PortAssignment = NatPortAssignment.Random }, (ulong)seed, conditions);
        NatBehavior found = net.Run();
        Assert.That(found.Mapping.Value, Is.EqualTo((NatMappingBehavior)mapping), found.Mapping.Reason);
        Assert.That(found.Filtering.Value, Is.EqualTo((NatFilteringBehavior)filtering), found.Filtering.Reason);
    }

    [Test]
    [Rfc(5780, "4.3")]
    public void A_host_without_a_NAT_is_told_so()
    {
        NatBehavior found = new ProbeNet(null).Run();
        Assert.That(found.Translated.Value, Is.False);
        Assert.That(found.Mapping.Value, Is.EqualTo(NatMappingBehavior.EndpointIndependent));
        Assert.That(found.Filtering.Value, Is.EqualTo(NatFilteringBehavior.EndpointIndependent));
        Assert.That(found.PortPreservation.Value, Is.True);
        Assert.That(found.Hairpinning.Value, Is.Null);
        Assert.That(found.Hairpinning.Reason, Does.Contain("no NAT"));
    }

    [Test]
    public void Without_any_answer_UDP_is_blocked()
    {
        var net = new ProbeNet(new NatOptions());
        net.Uplink.Up.IsCut = true;
        NatBehavior found = net.Run(null, net.Server.Primary, net.Plain[0].Address);
        Assert.That(found.UdpBlocked, Is.True);
        Assert.That(found.Mapping.Reason, Does.Contain("blocked on the way"));
        Assert.That(found.Servers.Select(static s => s.Problem), Is.All.Contain("no answer over UDP"));
        Assert.That(net.Network.Now.SinceOrigin, Is.LessThan(TimeSpan.FromSeconds(12)));
    }

    [TestCase(NatMapping.EndpointIndependent, NatMappingBehavior.EndpointIndependent)]
    [TestCase(NatMapping.AddressDependent, NatMappingBehavior.EndpointDependent)]
    [TestCase(NatMapping.AddressAndPortDependent, NatMappingBehavior.EndpointDependent)]
    public void Two_plain_servers_tell_whether_the_mapping_depends_on_the_destination(NatMapping mapping, NatMappingBehavior expected)
    {
        var net = new ProbeNet(new NatOptions { Mapping = mapping, PortAssignment = NatPortAssignment.Random });
        NatBehavior found = net.Run(null, net.Plain[0].Address, net.Plain[1].Address);
        Assert.That(found.Mapping.Value, Is.EqualTo(expected));
        Assert.That(found.Mapping.Reason is null, Is.EqualTo(expected == NatMappingBehavior.EndpointIndependent));
        Assert.That((found.Filtering.Value, found.Filtering.Reason), Is.EqualTo(((NatFilteringBehavior?)null,
            "203.0.113.20:3478 has no second address (it sends no OTHER-ADDRESS). Only a server with a second address can tell who may send in (RFC 5780).")));
        Assert.That(found.PortPreservation.Value, Is.False);
    }

    [TestCase(NatMapping.EndpointIndependent, null)]
    [TestCase(NatMapping.AddressDependent, null)]
    [TestCase(NatMapping.AddressAndPortDependent, NatMappingBehavior.AddressAndPortDependent)]
    public void Two_ports_of_one_server_tell_whether_the_mapping_depends_on_the_port(NatMapping mapping, NatMappingBehavior? expected)
    {
        var net = new ProbeNet(new NatOptions { Mapping = mapping, PortAssignment = NatPortAssignment.Random });
        NatBehavior found = net.Run(null, net.Plain[0].Address, net.Plain[0].Address.WithPort(3479));
        Assert.That(found.Mapping.Value, Is.EqualTo(expected));
        Assert.That(found.Mapping.Reason, expected is null ? Does.Contain("only a second server could tell") : Is.Null);
    }

    [Test]
    public void Two_plain_servers_with_two_ports_tell_the_mapping_whole([Values] NatMapping mapping)
    {
        var net = new ProbeNet(new NatOptions { Mapping = mapping, PortAssignment = NatPortAssignment.Random });
        NatBehavior found = net.Run(null, net.Plain[0].Address, net.Plain[0].Address.WithPort(3479), net.Plain[1].Address);
        Assert.That(found.Mapping, Is.EqualTo(new NatFinding<NatMappingBehavior>((NatMappingBehavior)mapping)));
    }

    [Test]
    public void One_plain_server_tells_the_address_and_the_ports_and_why_no_more()
    {
        var net = new ProbeNet(new NatOptions { PortAssignment = NatPortAssignment.Sequential, FirstPort = 20_000 });
        NatBehavior found = net.Run(null, net.Plain[0].Address);
        Assert.That(found.Mapping.Value, Is.Null);
        Assert.That(found.Mapping.Reason, Does.Contain("ask two servers"));
        AssertPattern(found, NatPortAssignment.Sequential);
        Assert.That(found.Hairpinning.IsKnown, Is.False);
    }

    [Test]
    public void The_first_server_that_has_a_second_address_is_taken_for_the_tests()
    {
        var net = new ProbeNet(new NatOptions { Mapping = NatMapping.AddressDependent, Filtering = NatFiltering.AddressDependent });
        NatBehavior found = net.Run(null, net.Plain[0].Address, net.Server.Primary);
        Assert.That(found.Filtering.Value, Is.EqualTo(NatFilteringBehavior.AddressDependent));
        Assert.That(found.Mapping.Value, Is.EqualTo(NatMappingBehavior.AddressDependent));
    }

    [Test]
    public void A_dead_server_holds_nobody_up()
    {
        var net = new ProbeNet(new NatOptions { Filtering = NatFiltering.EndpointIndependent, Hairpin = NatHairpin.ExternalSource });
        net.Plain[0].IsSilent = true;
        NatBehavior found = net.Run(null, net.Plain[0].Address, net.Server.Primary);
        Assert.That(found.Filtering.Value, Is.EqualTo(NatFilteringBehavior.EndpointIndependent));
        Assert.That(net.Network.Now.SinceOrigin, Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    [Test]
    [Rfc(5780, "4.4")]
    public void A_second_address_that_is_down_is_not_taken_for_a_filter()
    {
        var net = new ProbeNet(new NatOptions { Filtering = NatFiltering.EndpointIndependent });
        net.Server.Sends = from => !from.SameAddress(net.Server.Alternate);
        NatBehavior found = net.Run();
        Assert.That(found.Filtering.Value, Is.Null);
        Assert.That(found.Filtering.Reason, Does.Contain("203.0.113.11, the second address of the server, does not answer"));
        Assert.That(found.Mapping.Value, Is.Null);
    }

    [Test]
    public void An_answer_that_comes_after_its_silence_was_counted_still_counts()
    {
        var net = new ProbeNet(new NatOptions { Filtering = NatFiltering.EndpointIndependent });
        // Later than test II waits, sooner than the whole probe.
        net.Server.Delay = from => from == net.Server.Alternate ? TimeSpan.FromSeconds(9.8) : TimeSpan.Zero;
        NatBehavior found = net.Run(static o => o with { LifetimeBudget = TimeSpan.FromSeconds(60) });
        Assert.That(found.Filtering.Value, Is.EqualTo(NatFilteringBehavior.EndpointIndependent));
    }

    [Test]
    [Rfc(5780, "5")]
    public void New_transactions_are_paced_and_their_retransmissions_spread()
    {
        var net = new ProbeNet(new NatOptions { Filtering = NatFiltering.AddressAndPortDependent });
        ProbeHost probe = net.Start(static o => o with { LifetimeBudget = TimeSpan.FromMinutes(2), Fragments = true });
        _ = net.Finish(probe);
        var started = new HashSet<TransactionId>();
        Instant[] starts = [.. probe.Sent.Where(s => started.Add(TransactionId.From(s.Bytes.AsSpan(8, 12)))).Select(static s => s.At)];
        Assert.That(starts, Has.Length.GreaterThan(20));
        for (int i = 10; i < starts.Length; i++)
            Assert.That(starts[i] - starts[i - 10], Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(1)));
        Assert.That(probe.Sent.Where(static s => s.At > Instant.Zero).Select(static s => s.At).GroupBy(static at => at).Max(static g => g.Count()), Is.EqualTo(1));
    }

    [TestCase(2)]
    [TestCase(17)]
    [TestCase(30)]
    [TestCase(120)]
    [TestCase(300)]
    [Rfc(5780, "4.6")]
    public void The_lifetime_is_found_to_a_second(int seconds)
    {
        var net = new ProbeNet(new NatOptions { Mapping = NatMapping.AddressAndPortDependent, PortAssignment = NatPortAssignment.Random, Lifetime = TimeSpan.FromSeconds(seconds) });
        ProbeHost probe = net.Start(static o => o with { LifetimeBudget = TimeSpan.FromMinutes(40) });
        NatBehavior found = net.Finish(probe, TimeSpan.FromMinutes(41));
        NatLifetime lifetime = found.Lifetime.Value!.Value;
        Assert.That(lifetime.AtLeast, Is.LessThan(TimeSpan.FromSeconds(seconds)));
        Assert.That(lifetime.LessThan, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(seconds)));
        Assert.That(lifetime.LessThan - lifetime.AtLeast, Is.LessThanOrEqualTo(TimeSpan.FromSeconds(1)));
        Assert.That(probe.MostSockets, Is.LessThan(25));
    }

    [Test]
    [Rfc(5780, "4.6")]
    public void The_search_for_the_lifetime_keeps_to_its_time([Values(10, 60)] int budget)
    {
        var net = new ProbeNet(new NatOptions { Filtering = NatFiltering.EndpointIndependent, Hairpin = NatHairpin.ExternalSource });
        ProbeHost probe = net.Start(o => o with { LifetimeBudget = TimeSpan.FromSeconds(budget) });
        NatBehavior found = net.Finish(probe);
        Assert.That(net.Network.Now - probe.Started, Is.LessThan(TimeSpan.FromSeconds(budget + 4)));
        Assert.That(found.Lifetime.Value!.Value.LessThan, Is.Null);
        Assert.That(found.Lifetime.Value!.Value.AtLeast, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(budget == 10 ? 1 : 40)));
        Assert.That(found.Lifetime.Reason, Does.Contain($"within the {budget} s"));
    }

    [Test]
    [Rfc(5780, "4.6")]
    public void The_lifetime_is_found_under_loss([Range(1, 5)] int seed)
    {
        var conditions = new LinkConditions { Latency = TimeSpan.FromMilliseconds(30), Loss = LossModel.Random(0.1) };
        var net = new ProbeNet(new NatOptions { Lifetime = TimeSpan.FromSeconds(45) }, (ulong)seed, conditions);
        NatLifetime lifetime = net.Finish(net.Start(static o => o with { LifetimeBudget = TimeSpan.FromMinutes(20) }), TimeSpan.FromMinutes(21)).Lifetime.Value!.Value;
        Assert.That(lifetime.AtLeast, Is.LessThanOrEqualTo(TimeSpan.FromSeconds(45)));
        Assert.That(lifetime.LessThan, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(45)));
    }

    [Test]
    public void A_pool_of_external_addresses_shows()
    {
        var net = new ProbeNet(new NatOptions { PairedPooling = false }, external: ["198.51.100.1", "198.51.100.2", "198.51.100.3"]);
        NatBehavior found = net.Run();
        Assert.That(found.PublicAddresses, Has.Count.GreaterThan(1));
        Assert.That(found.Mapping.Value, Is.EqualTo(NatMappingBehavior.EndpointIndependent));
    }

    [Test]
    public void Of_two_NATs_in_a_row_the_strictest_shows()
    {
        var net = new ProbeNet(new NatOptions { Mapping = NatMapping.AddressAndPortDependent, Filtering = NatFiltering.EndpointIndependent });
        var inner = new Realm(net.Network, "inner");
        _ = new Nat(net.Network, "inner nat", inner, net.Host.Interfaces[0].Realm, new NatOptions(), null, TransportAddress.Parse("192.168.1.77", 0));
        var host = new SimHost(net.Network, "inner host");
        _ = host.AddInterface("eth0", inner, null, "10.0.0.5");
        var probe = new ProbeHost(host, TransportAddress.Parse("10.0.0.5", 0), new NatProbeOptions { Servers = [net.Server.Primary] });
        NatBehavior found = net.Finish(probe);
        Assert.That(found.Mapping.Value, Is.EqualTo(NatMappingBehavior.AddressAndPortDependent));
        Assert.That(found.Filtering.Value, Is.EqualTo(NatFilteringBehavior.AddressAndPortDependent));
    }

    [TestCase(1200, true)]
    [TestCase(1500, false)]
    [Rfc(5780, "7.6")]
    public void Whether_datagrams_of_an_MTU_pass_is_found(int padding, bool fits)
    {
        // The simulated links drop what is longer than their MTU of 1,500: a network that loses fragments.
        NatBehavior found = new ProbeNet(new NatOptions()).Run(o => o with { Fragments = true, PaddingLength = padding });
        Assert.That(found.Fragments.Value, Is.EqualTo(fits), found.Fragments.Reason);
    }

    [Test]
    public void Two_runs_with_one_seed_send_the_same_bytes()
    {
        byte[][] Run()
        {
            var net = new ProbeNet(new NatOptions { PortAssignment = NatPortAssignment.Random }, 7);
            ProbeHost probe = net.Start();
            _ = net.Finish(probe);
            return [.. probe.Sent.Select(static s => s.Bytes)];
        }

        byte[][] first = Run();
        Assert.That(Run(), Is.EqualTo(first));
    }

    private static void AssertPattern(NatBehavior found, NatPortAssignment ports)
    {
        NatPortAllocation allocation = found.Allocation.Value!.Value;
        Assert.That(allocation.Pattern, Is.EqualTo(ports switch
        {
            NatPortAssignment.Preserving => NatPortPattern.Preserving,
            NatPortAssignment.Sequential => NatPortPattern.Sequential,
            _ => NatPortPattern.Random,
        }));
        Assert.That(allocation.Step, Is.EqualTo(ports == NatPortAssignment.Sequential ? 1 : 0));
    }
}
