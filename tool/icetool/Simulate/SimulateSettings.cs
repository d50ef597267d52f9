using Ice.Simulation;

namespace IceTool.Simulate;

/// <summary>What a simulation is to do.</summary>
/// <param name="Title">What it is, for headings.</param>
/// <param name="Source">Where the shares come from.</param>
/// <param name="Kinds">The names of the kinds of sites.</param>
/// <param name="Sessions">How many sessions there are.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Threads">How many run at a time.</param>
/// <param name="Plan">Gives the session of a number.</param>
internal sealed record SimulateSettings(
    string Title, string Source, IReadOnlyList<string> Kinds, long Sessions, ulong Seed, int Threads, Func<long, SessionPlan> Plan)
{
    /// <summary>In which ways all sessions are run, one after the other.</summary>
    public IReadOnlyList<SimulateVariant> Variants { get; init; } = [SimulateVariant.Plain];

    /// <summary>The session of a number, as it is in a variant.</summary>
    public SessionPlan PlanOf(long index, SimulateVariant variant)
    {
        SessionPlan plan = Plan(index);
        return plan with { Scenario = plan.Scenario.With(variant.Traversal, variant.BothSides ? variant.Traversal : null) };
    }

    /// <summary>A random population.</summary>
    public static SimulateSettings OfPopulation(SitePopulation population, long sessions, ulong seed, int threads) => new(
        "A population of sites", population.Source, [.. population.Kinds.Select(static kind => kind.Name)], sessions, seed, threads, index => population.Draw(seed, index));

    /// <summary>Every site against every other: each pair of kinds in turn, with and without trickling, each side controlling.</summary>
    public static SimulateSettings OfGrid(AddressFamilies families, int runs, ulong seed, int threads)
    {
        Site[] sites = [.. SiteGrid.Sites.Select(site => site.With(families))];
        long pairs = sites.Length * sites.Length;
        return new SimulateSettings(
            $"Every site against every other, {Name(families)}", "", [.. sites.Select(static site => site.Name)], pairs * runs, seed, threads, Plan);

        SessionPlan Plan(long index)
        {
            (int cell, long run) = ((int)(index % pairs), index / pairs);
            (int offerer, int answerer) = (cell / sites.Length, cell % sites.Length);
            TrickleMode trickle = (run & 1) == 0 ? TrickleMode.Full : TrickleMode.None;
            Scenario scenario = SiteGrid.Pair(sites[offerer], sites[answerer], trickle, offererControls: (run & 2) == 0, seed + (ulong)index);
            return new SessionPlan(index, offerer, answerer, scenario);
        }
    }

    private static string Name(AddressFamilies families) => families switch
    {
        AddressFamilies.IPv4 => "IPv4",
        AddressFamilies.IPv6 => "IPv6 behind stateful firewalls",
        _ => "IPv4 and IPv6",
    };
}
