using Ice.Core;
using Ice.Testing;

namespace Ice.Simulation.Tests;

/// <summary>Mappings that are short-lived, NATs and firewalls that forget, interfaces that come and go: the agents stay, come back, or say why not.</summary>
public class KeptAliveTests
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromSeconds(30);

    /// <summary>Nobody sends data; consent checks, keepalives and refreshes alone keep everything open.</summary>
    [Test]
    [Rfc(7675, "5.1")]
    [Rfc(8445, "11")]
    public void Mappings_of_half_a_minute_live_through_an_hour_of_silence([Range(0, 8)] int mine, [Values(0, 2, 8)] int other, [Values] bool inboundRefresh)
    {
        ScenarioWorld world = Connect(SiteGrid.Pair(ShortLived(mine), ShortLived(other)));
        world.Network.RunFor(TimeSpan.FromHours(1));
        Assert.Multiple(() =>
        {
            Assert.That(StatesOf(world.Offerer).Last(), Is.EqualTo(IceConnectionState.Connected), world.Offerer.Explanation);
            Assert.That(StatesOf(world.Offerer), Does.Not.Contain(IceConnectionState.Disconnected));
            Assert.That(StatesOf(world.Answerer), Does.Not.Contain(IceConnectionState.Disconnected));
        });
        AssertTalk(world);

        Site ShortLived(int behavior) => SiteGrid.Behind(SiteGrid.Behaviors[behavior] with { Lifetime = s_lifetime, InboundRefresh = inboundRefresh });
    }

    /// <summary>A mapping that nobody uses is gone after its lifetime: the test above is not about NATs that never forget.</summary>
    [Test]
    public void Without_consent_checks_half_a_minute_of_silence_closes_the_mappings()
    {
        Site site = SiteGrid.Behind(new NatOptions { Lifetime = s_lifetime });
        ScenarioWorld world = Connect(SiteGrid.Pair(site, site));
        world.Offerer.Suspend();
        world.Answerer.Suspend();
        world.Network.RunFor(s_lifetime + TimeSpan.FromSeconds(1));
        Assert.That(world.Nats.Select(static nat => nat.MappingCount), Is.All.EqualTo(1), "that of the TCP connection to the relay lasts for hours");
    }

    /// <summary>Every kind of NAT reboots under a connected pair, with each peer: it heals by itself, or fails and is restarted by the application.</summary>
    [Test]
    public void A_NAT_that_reboots_leads_to_recovery_or_to_a_failure_with_a_reason([Range(0, 8)] int mine, [Range(0, 8)] int other)
    {
        ScenarioWorld world = Connect(SiteGrid.Pair(SiteGrid.Behind(SiteGrid.Behaviors[mine]), SiteGrid.Behind(SiteGrid.Behaviors[other])));
        world.Nats[0].Reboot();
        // Consent lasts for 30 s, and whoever has lost it says so within that.
        world.Network.RunFor(TimeSpan.FromSeconds(60));
        AssertDecided(world);
        Recover(world);
    }

    /// <summary>Both NATs of a relayed pair reboot: the allocations are of the old addresses.</summary>
    [Test]
    public void A_reboot_under_a_relayed_pair_is_survived_by_a_restart()
    {
        Site hard = SiteGrid.Behind(SiteGrid.Behaviors[8]);
        ScenarioWorld world = Connect(SiteGrid.Pair(hard, hard));
        foreach (Nat nat in world.Nats)
            nat.Reboot();
        world.Network.RunFor(TimeSpan.FromSeconds(60));
        AssertDecided(world);
        Recover(world);
    }

    [Test]
    public void A_firewall_that_forgets_heals_as_both_sides_go_on_sending()
    {
        Site site = SiteGrid.Behind(new NatOptions()).With(AddressFamilies.IPv6);
        ScenarioWorld world = Connect(SiteGrid.Pair(site, site));
        foreach (Firewall firewall in world.Firewalls)
            firewall.Reboot();
        world.Network.RunFor(TimeSpan.FromMinutes(2));
        Assert.That(StatesOf(world.Offerer).Append(StatesOf(world.Answerer).Last()), Has.None.EqualTo(IceConnectionState.Failed), "nothing was translated: the addresses are the same");
        AssertTalk(world);
    }

    /// <summary>The wired network goes, the mobile one comes: the agent says that it has lost its path, and a restart finds the new one.</summary>
    [Test]
    [Rfc(8445, "9")]
    public void An_interface_goes_and_another_one_comes([Values] bool comesFirst)
    {
        ScenarioWorld world = Connect(SiteGrid.Pair(SiteGrid.Behind(new NatOptions()), SiteGrid.Behind(new NatOptions())));
        SimInterface wired = world.Offerer.Interfaces[0];
        if (comesFirst)
            world.Offerer.AddInterface(NewInterface());
        world.Offerer.RemoveInterface(wired);
        Assert.That(world.Offerer.Reason, Is.EqualTo(IceFailureReason.InterfaceLost));
        if (!comesFirst)
            world.Offerer.AddInterface(NewInterface());
        Recover(world);
        Assert.That(world.Offerer.Core.GetSelectedPair(ComponentId.First)!.Local.Address.ToString(), Does.Not.StartWith("192.168.1.10"));

        SimInterface NewInterface()
        {
            var mobile = new Realm(world.Network, "mobile");
            _ = new Nat(world.Network, "mobile nat", mobile, world.Internet, new NatOptions(), null, Stun.TransportAddress.Parse("203.0.113.99", 0));
            return world.Offerer.Host.AddInterface("wwan0", mobile, null, "10.64.0.2");
        }
    }

    [Test]
    public void An_interface_that_is_used_cannot_be_added_again_and_one_that_went_can()
    {
        ScenarioWorld world = Connect(SiteGrid.Pair(SiteGrid.Sites[0], SiteGrid.Sites[0]));
        SimInterface nic = world.Offerer.Interfaces[0];
        Assert.That(() => world.Offerer.AddInterface(nic), Throws.ArgumentException);
        world.Offerer.RemoveInterface(nic);
        world.Offerer.AddInterface(nic);
        Recover(world);
    }

    private static ScenarioWorld Connect(Scenario scenario)
    {
        var world = new ScenarioWorld(scenario);
        world.Signaling.Start();
        Assert.That(world.Network.RunUntil(() => AreUp(world), world.Oracle.Within), Is.True, $"{world.Oracle}: {world.Offerer.Explanation} {world.Answerer.Explanation}");
        world.Network.RunFor(TimeSpan.FromSeconds(5));
        return world;
    }

    private static bool AreUp(ScenarioWorld world) => world.Offerer.State == IceConnectionState.Connected && world.Answerer.State == IceConnectionState.Connected;

    private static void AssertDecided(ScenarioWorld world)
    {
        foreach (SimAgent agent in new[] { world.Offerer, world.Answerer })
        {
            Assert.That(agent.State, Is.EqualTo(IceConnectionState.Connected).Or.EqualTo(IceConnectionState.Failed), $"{agent.Name} hangs");
            if (agent.State == IceConnectionState.Failed)
                Assert.That((agent.Reason, agent.Explanation), Is.Not.EqualTo((IceFailureReason.None, agent.Explanation)).And.Matches<(IceFailureReason, string?)>(static said => said.Item2 is { Length: > 0 }));
        }
    }

    private static void Recover(ScenarioWorld world)
    {
        // Consent goes one way each (RFC 7675 §1): where the peer's filter is open, what leaves from the new mapping is answered, and only the
        // peer, which sends to the old one, has lost its path. Whoever has failed restarts.
        if (!AreUp(world))
            world.Signaling.Restart(world.Offerer.State == IceConnectionState.Failed ? world.Offerer : world.Answerer);
        Assert.That(world.Network.RunUntil(() => AreUp(world), TimeSpan.FromSeconds(15)), Is.True, $"{world.Offerer.State} {world.Offerer.Explanation} {world.Answerer.State} {world.Answerer.Explanation}");
        world.Network.RunFor(TimeSpan.FromSeconds(2));
        AssertTalk(world);
    }

    private static void AssertTalk(ScenarioWorld world)
    {
        string text = $"at {world.Network.Clock.Elapsed}";
        Assert.That(world.Offerer.SendData(ComponentId.First, text) && world.Answerer.SendData(ComponentId.First, text), Is.True);
        world.Network.RunFor(TimeSpan.FromSeconds(1));
        Assert.That(world.Offerer.Received.Concat(world.Answerer.Received).Count(data => data.Text == text), Is.EqualTo(2), "data passes both ways");
    }

    private static IEnumerable<IceConnectionState> StatesOf(SimAgent agent) =>
        agent.Log.Select(static entry => entry.Event).OfType<IceEvent.StateChanged>().Select(static changed => changed.State);
}
