using System.Globalization;
using Ice.Simulation;

namespace IceTool.Simulate.Plots;

/// <summary>Direct, relayed and failed by pair of kinds: a bar each, those with the most sessions first.</summary>
internal static class PairBarsPlot
{
    private const int MaxPairs = 30;
    private const double Left = 290;
    private const double Width = 560;
    private const double Step = 26;
    private const double Height = 17;

    public static Plot Draw(SimulationSummary summary)
    {
        var svg = new SvgText();
        DrawKey(svg);
        double y = 34;
        foreach (PairShares pair in summary.Pairs.Take(MaxPairs))
        {
            svg.Label(Left - 12, y + 13, pair.Name, "class=\"end\"");
            double x = Left;
            foreach ((long count, string name) in new[] { (pair.Direct, "direct"), (pair.Relayed, "relayed"), (pair.Failed, "failed") })
            {
                double width = Width * count / pair.Total;
                if (width > 0)
                    svg.Rect(x, y, Math.Max(width - 2, 1), Height, $"rx=\"3\" class=\"{name}\"", string.Create(CultureInfo.InvariantCulture, $"{pair.Name}: {count:N0} {name} of {pair.Total:N0}"));
                x += width;
            }

            svg.Label(Left + Width + 10, y + 13, string.Create(CultureInfo.InvariantCulture, $"{(double)pair.Total / summary.Statistics.Total:P1}"), "class=\"muted small\"");
            y += Step;
        }

        int others = summary.Pairs.Count - MaxPairs;
        if (others > 0)
            svg.Label(Left, y + 12, $"and {others} more pairs: see the table", "class=\"muted small\"");
        return new Plot("Direct, relayed and failed, by pair of sites" + summary.Suffix, Left + Width + 70, y + (others > 0 ? 24 : 4), svg.ToString());
    }

    private static void DrawKey(SvgText svg)
    {
        double x = Left;
        foreach (SessionEnd end in Enum.GetValues<SessionEnd>())
        {
            string name = JsonSimulateReport.NameOf(end);
            svg.Rect(x, 0, 14, 14, $"rx=\"3\" class=\"{name}\"");
            svg.Label(x + 21, 12, name, "class=\"muted\"");
            x += 92;
        }

        svg.Label(Left + Width + 10, 12, "of all", "class=\"muted small\"");
    }
}
