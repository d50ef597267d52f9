namespace Ice.Simulation.Tests;

/// <summary>The grid with prediction: where the oracle says that a direct path may be found, it is, at the rate that is promised; where it is not, a relay does.</summary>
public class TraversalGridTests
{
    private static readonly IceTraversalOptions s_prediction = new();
    private static readonly IceTraversalOptions s_guessing = new() { GuessSockets = 256 };
    private static readonly TrickleMode[] s_trickle = [TrickleMode.Full, TrickleMode.None];
    private static readonly bool[] s_bools = [true, false];

    /// <summary>The six NATs that map destinations anew against the home router and the home behind a carrier's NAT, in every way to signal.</summary>
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(7)]
    public void Sequential_mappings_are_predicted_wherever_the_oracle_says_that_they_may_be(int step) =>
        Judge(95, 96, Hard(NatPortAssignment.Sequential, step), s_prediction, bothSides: true);

    /// <summary>The same with a plain agent at the easy side: our own NAT's ports are predicted, and its checks do the rest.</summary>
    [TestCase(1)]
    [TestCase(2)]
    public void One_side_with_the_option_is_enough_behind_a_sequential_mapping(int step) =>
        Judge(95, 48, Hard(NatPortAssignment.Sequential, step), s_prediction, bothSides: false);

    [TestCase(NatPortAssignment.Random)]
    [TestCase(NatPortAssignment.Parity)]
    public void Other_mappings_are_guessed_wherever_the_oracle_says_that_they_may_be(NatPortAssignment ports) =>
        Judge(90, 96, Hard(ports, 1), s_guessing, bothSides: true);

    /// <summary>Every site against every other with the option: nothing that connected without it fails, and what had to be direct is.</summary>
    [Test]
    public void Every_site_against_every_other_ends_as_the_oracle_says_with_prediction([Values] NatPortAssignment ports, [Values] bool bothSides)
    {
        Site[] sites = [.. SiteGrid.Sites.Select(site => site with { Interface = site.Interface with { Nat = site.Interface.Nat with { PortAssignment = ports } } })];
        List<SessionResult> results = [.. from mine in sites from other in sites select Run(mine, other, TrickleMode.Full, controls: true, s_prediction, bothSides)];
        Assert.That(results, Has.Count.EqualTo(169));
        Assert.That(results.Where(static result => !result.IsAsExpected).Select(Describe), Is.Empty);
        Assert.That(results.Where(static result => result.End != SessionEnd.Direct && result.Oracle.Direct == DirectPath.Certain).Select(Describe), Is.Empty);
        Assert.That(results.Where(static result => result.End == SessionEnd.Failed).Select(Describe), Is.Empty, "a relay is there for all");
    }

    private static Site[] Hard(NatPortAssignment ports, int step) =>
        [.. SiteGrid.Behaviors.Where(static nat => nat.Mapping != NatMapping.EndpointIndependent).Select(nat => SiteGrid.Behind(nat with { PortAssignment = ports, PortStep = step }))];

    private static void Judge(int percent, int count, Site[] hardSites, IceTraversalOptions traversal, bool bothSides)
    {
        Site[] easySites = [SiteGrid.Behind(new NatOptions()), SiteGrid.Sites.Single(static site => site.Name == "CGN")];
        List<SessionResult> results = [];
        foreach ((Site hard, Site easy) in from hard in hardSites from easy in easySites select (hard, easy))
        {
            foreach ((TrickleMode trickle, bool controls) in from trickle in s_trickle from controls in s_bools select (trickle, controls))
            {
                results.Add(Run(hard, easy, trickle, controls, traversal, bothSides, results.Count));
                // With one side alone it is the one behind the hard NAT.
                if (bothSides)
                    results.Add(Run(easy, hard, trickle, controls, traversal, bothSides, results.Count));
            }
        }

        int direct = results.Count(static result => result.End == SessionEnd.Direct);
        TestContext.Out.WriteLine($"direct {direct} of {results.Count}, {results.Sum(static result => result.Probes)} probes, {results.Max(static result => result.Probes)} at most in one");
        Assert.That(results, Has.Count.EqualTo(count));
        Assert.That(results.Select(static result => result.Oracle.Direct), Is.All.EqualTo(DirectPath.WithPrediction));
        Assert.That(results.Where(static result => !result.IsAsExpected).Select(Describe), Is.Empty);
        Assert.That(direct * 100, Is.GreaterThanOrEqualTo(results.Count * percent), string.Join('\n', results.Where(static result => result.End != SessionEnd.Direct).Select(Describe)));
    }

    private static SessionResult Run(Site offerer, Site answerer, TrickleMode trickle, bool controls, IceTraversalOptions traversal, bool bothSides, int seed = 0)
    {
        Scenario scenario = SiteGrid.Pair(offerer, answerer, trickle, controls, seed: 1 + (ulong)seed);
        return SessionRun.Run(new SessionPlan(seed, 0, 0, scenario.With(traversal, bothSides ? traversal : null)));
    }

    private static string Describe(SessionResult result) => $"{result.End} after {result.Time.TotalSeconds:0.0} s, oracle: {result.Oracle}\n{result.Plan.Scenario}";
}
