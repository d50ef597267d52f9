using Stun;

namespace Ice.Simulation.Tests;

/// <summary>
/// The four topologies of RFC 5128 §3: one side public, both behind one NAT, behind different NATs, behind several layers; and several LANs behind
/// one carrier's NAT, where hairpinning decides.
/// </summary>
public class TopologyTests
{
    private static readonly NatOptions s_home = new() { PortAssignment = NatPortAssignment.Random };

    [Test]
    public void One_side_public_connects_directly([Range(0, 8)] int behavior, [Values] TrickleMode trickle, [Values] bool publicOffers)
    {
        Site open = SiteGrid.Sites[0];
        Site behind = SiteGrid.Behind(SiteGrid.Behaviors[behavior]);
        ScenarioResult result = Run(publicOffers ? SiteGrid.Pair(open, behind, trickle) : SiteGrid.Pair(behind, open, trickle));
        Assert.That(result.Oracle.Direct, Is.EqualTo(DirectPath.Certain), result.ToString());
    }

    [Test]
    public void Both_behind_one_NAT_connect_within_the_LAN([Range(0, 8)] int behavior, [Values] NatHairpin hairpin, [Values] TrickleMode trickle)
    {
        Site site = SiteGrid.Behind(SiteGrid.Behaviors[behavior] with { Hairpin = hairpin });
        site = site with { Interface = site.Interface with { Access = Access.SharedLan } };
        ScenarioResult result = Run(SiteGrid.Pair(site, site, trickle));
        Assert.That(result.Oracle.Direct, Is.EqualTo(DirectPath.Certain), result.ToString());
    }

    /// <summary>Two homes, each behind its own NAT, and one carrier's NAT before both: the carrier has to hairpin.</summary>
    [Test]
    public void Several_LANs_behind_one_carrier_need_its_hairpinning([Values] NatHairpin hairpin, [Range(0, 8)] int carrier, [Values] TrickleMode trickle)
    {
        ScenarioResult result = Run(SiteGrid.Pair(Home(carrier), Home(carrier), trickle));
        if (hairpin == NatHairpin.None)
            Assert.That(result.Oracle.Direct, Is.EqualTo(DirectPath.Impossible), result.ToString());
        if (hairpin == NatHairpin.ExternalSource && SiteGrid.Behaviors[carrier].Mapping == NatMapping.EndpointIndependent)
            Assert.That(result.Oracle.Direct, Is.EqualTo(DirectPath.Certain), result.ToString());

        Site Home(int behavior)
        {
            Site site = SiteGrid.Behind(s_home);
            return site with { Interface = site.Interface with { OuterNats = [SiteGrid.Behaviors[behavior] with { Hairpin = hairpin }], SharesOuterNat = true } };
        }
    }

    /// <summary>A home behind a carrier's NAT behind another carrier's: three layers on either side, or none on the other.</summary>
    [Test]
    public void Several_layers_end_as_the_oracle_says([Range(0, 8)] int carrier, [Values(0, 1, 2)] int layers)
    {
        NatOptions outer = SiteGrid.Behaviors[carrier];
        Site site = SiteGrid.Behind(s_home);
        Site layered = site with { Interface = site.Interface with { OuterNats = [.. Enumerable.Repeat(outer, 2)] } };
        Site against = site with { Interface = site.Interface with { OuterNats = [.. Enumerable.Repeat(outer, layers)] } };
        _ = Run(SiteGrid.Pair(layered, against));
    }

    [Test]
    public void Carrier_grade_NATs_end_as_the_oracle_says([Range(0, 8)] int home, [Range(0, 8)] int carrier)
    {
        Site site = SiteGrid.Behind(SiteGrid.Behaviors[home]);
        site = site with { Interface = site.Interface with { OuterNats = [SiteGrid.Behaviors[carrier]] } };
        foreach (Site other in new[] { SiteGrid.Behind(s_home), site, SiteGrid.Sites[0] })
            _ = Run(SiteGrid.Pair(site, other));
    }

    [Test]
    public void A_site_that_may_only_use_TCP_443_is_relayed_over_TCP()
    {
        Site site = SiteGrid.Sites.Single(static site => site.Name == "TCP 443");
        var world = new ScenarioWorld(SiteGrid.Pair(site, site));
        var tap = new ProtocolTap();
        world.Network.AddTap(tap);
        world.Signaling.Start();
        bool connected = world.Network.RunUntil(() => IsUp(world.Offerer) && IsUp(world.Answerer), TimeSpan.FromSeconds(20));
        Assert.Multiple(() =>
        {
            Assert.That(connected, Is.True, $"{world.Offerer.Explanation} {world.Answerer.Explanation}");
            Assert.That(world.Oracle.Direct, Is.EqualTo(DirectPath.Impossible));
            Assert.That(tap.Arrived, Is.All.Matches<SimPacket>(static packet => packet.Protocol == SimProtocol.Tcp && (packet.Source.Port == 443 || packet.Destination.Port == 443)));
        });

        static bool IsUp(SimAgent agent) => agent.State == IceConnectionState.Connected;
    }

    private static ScenarioResult Run(Scenario scenario) => Grid.RunAll([scenario], 1)[0];

    /// <summary>What arrived at the two agents.</summary>
    private sealed class ProtocolTap : PacketTap
    {
        public List<SimPacket> Arrived { get; } = [];

        public override void OnPacket(in PacketRecord record)
        {
            if (record.Fate == PacketFate.Received && record.Where.Node is SimHost { Name: "offerer" or "answerer" })
                Arrived.Add(record.Packet);
        }
    }
}
