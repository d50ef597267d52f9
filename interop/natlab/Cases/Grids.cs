using Ice.Simulation;
using NatLab.Network;

namespace NatLab.Cases;

/// <summary>Every kind of NAT against every other.</summary>
internal static class Grids
{
    private static readonly Site[] s_nine = [.. SiteGrid.Behaviors.Select(SiteGrid.Behind)];

    // Two that find each other, and each with one that it needs the relay for.
    private static readonly Site[] s_two = [s_nine[2], s_nine[8]];

    public static IEnumerable<LabCase> All =>
    [
        new("grid-small", "two NATs of the kernel's against two", Kernel("grid-small", s_two, s_two).RunAsync) { Grid = true, Ci = true },
        new("grid", "our agents behind the kernel's nine NATs against nine, ports assigned at random", Kernel("grid", s_nine, s_nine).RunAsync) { Grid = true },
        new("tun-grid", "the same behind the simulator's NATs", Model("tun-grid", s_nine, s_nine).RunAsync) { Grid = true },
    ];

    /// <summary>One pair of sites by their names.</summary>
    /// <exception cref="FormatException">There is no such site.</exception>
    public static LabCase Pair(string offering, string answering) =>
        new("pair", "two sites", Kernel("pair", [Named(offering)], [Named(answering)]).RunAsync) { Grid = true };

    private static Site Named(string name) =>
        s_nine.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new FormatException($"there is no NAT {name}: there are {string.Join(", ", s_nine.Select(static s => s.Name))}");

    private static GridCase Kernel(string name, Site[] offering, Site[] answering) => new(name, offering, answering);

    private static GridCase Model(string name, Site[] offering, Site[] answering) => new(name, offering, answering) { Build = LabSite.BuildModelAsync };
}
