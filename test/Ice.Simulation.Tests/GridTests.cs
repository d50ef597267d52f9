namespace Ice.Simulation.Tests;

/// <summary>Every kind of site against every other, in every way to signal: each pair ends as the oracle says, and in the time that it says.</summary>
public class GridTests
{
    private static readonly TrickleMode[] s_trickle = [TrickleMode.Full, TrickleMode.None];
    private static readonly bool[] s_controls = [true, false];

    /// <summary>81 pairs of NATs, and of IPv6 firewalls that filter like them, in 4 ways to signal, for 3 address families: 972 runs.</summary>
    [Test]
    public void Nine_NATs_against_nine_end_as_the_oracle_says([Values] AddressFamilies families, [Range(0, 8)] int behavior)
    {
        Site site = SiteGrid.Behind(SiteGrid.Behaviors[behavior]).With(families);
        Grid.RunAll(SiteGrid.Behaviors.SelectMany(other => Ways(site, SiteGrid.Behind(other).With(families))), 36);
    }

    [Test]
    public void The_other_sites_against_all_end_as_the_oracle_says([Values("public", "CGN", "no UDP", "TCP 443")] string name, [Values] AddressFamilies families)
    {
        Site site = SiteGrid.Sites.Single(site => site.Name == name).With(families);
        Grid.RunAll(SiteGrid.Sites.SelectMany(other => Ways(site, other.With(families))), 52);
    }

    /// <summary>IPv4 alone against both, against IPv6 alone: the last pair needs a relay that translates.</summary>
    [Test]
    public void Sites_with_different_address_families_end_as_the_oracle_says([Values] AddressFamilies mine, [Values] AddressFamilies other)
    {
        Site site = SiteGrid.Behind(new NatOptions()).With(mine);
        IReadOnlyList<ScenarioResult> results = Grid.RunAll(SiteGrid.Sites.SelectMany(against => Ways(site, against.With(other))), 52);
        if ((mine, other) is (AddressFamilies.IPv4, AddressFamilies.IPv6) or (AddressFamilies.IPv6, AddressFamilies.IPv4))
            Assert.That(results.Select(static result => result.IsRelayed), Is.All.True);
    }

    [Test]
    public void Every_kind_of_port_assignment_ends_as_the_oracle_says([Values] NatPortAssignment assignment, [Values(1, 2, 7)] int step)
    {
        Site[] sites = [.. SiteGrid.Behaviors.Select(behavior => SiteGrid.Behind(behavior with { PortAssignment = assignment, PortStep = step }))];
        Grid.RunAll(from mine in sites from other in sites select SiteGrid.Pair(mine, other), 81);
    }

    [Test]
    public void Pools_of_external_addresses_end_as_the_oracle_says([Values] bool paired, [Range(0, 8)] int behavior)
    {
        Site site = Pooled(SiteGrid.Behaviors[behavior]);
        Grid.RunAll(SiteGrid.Behaviors.SelectMany(other => Ways(site, Pooled(other))), 36);

        Site Pooled(NatOptions nat)
        {
            Site behind = SiteGrid.Behind(nat with { PairedPooling = paired });
            return behind with { Interface = behind.Interface with { PoolSize = 4 } };
        }
    }

    /// <summary>The grid by hand, for the cases that everybody knows: what the oracle must say, so that it is not judged by itself alone.</summary>
    [TestCase("EIM/EIF", "APDM/APDF", DirectPath.Certain)]
    [TestCase("EIM/ADF", "APDM/APDF", DirectPath.Certain)]
    [TestCase("EIM/APDF", "APDM/APDF", DirectPath.WithPrediction)]
    [TestCase("EIM/APDF", "EIM/APDF", DirectPath.Certain)]
    [TestCase("EIM/APDF", "ADM/APDF", DirectPath.WithPrediction)]
    [TestCase("EIM/APDF", "APDM/EIF", DirectPath.WithPrediction)]
    [TestCase("APDM/APDF", "APDM/APDF", DirectPath.Impossible)]
    [TestCase("APDM/EIF", "APDM/APDF", DirectPath.Impossible)]
    [TestCase("public", "APDM/APDF", DirectPath.Certain)]
    [TestCase("CGN", "EIM/APDF", DirectPath.Certain)]
    [TestCase("CGN", "APDM/APDF", DirectPath.WithPrediction)]
    [TestCase("no UDP", "public", DirectPath.Impossible)]
    [TestCase("TCP 443", "EIM/EIF", DirectPath.Impossible)]
    public void The_oracle_says_what_is_known(string mine, string other, DirectPath expected)
    {
        Scenario scenario = SiteGrid.Pair(Named(mine), Named(other));
        Reachability oracle = new ScenarioWorld(scenario).Oracle;
        Assert.Multiple(() =>
        {
            Assert.That(oracle.Direct, Is.EqualTo(expected), oracle.ToString());
            Assert.That(oracle.PathExists, Is.True, "the relay is there for every site");
            Assert.That(oracle.Within, Is.LessThan(TimeSpan.FromSeconds(12)), "a limit that nothing can miss limits nothing");
        });

        static Site Named(string name) => SiteGrid.Sites.Single(site => site.Name == name);
    }

    private static IEnumerable<Scenario> Ways(Site mine, Site other) =>
        from trickle in s_trickle
        from controls in s_controls
        select SiteGrid.Pair(mine, other, trickle, controls);
}
