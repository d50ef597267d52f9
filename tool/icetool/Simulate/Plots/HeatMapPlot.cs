using System.Globalization;
using Ice.Simulation;

namespace IceTool.Simulate.Plots;

/// <summary>The share of direct sessions for every pair of kinds: a square each, the bluer the more.</summary>
internal static class HeatMapPlot
{
    private const double Cell = 50;
    private const double Gap = 2;
    private const double Left = 176;
    private const double Top = 118;

    // From how many points more on than in the run compared with a square is framed.
    private const double Gain = 0.05;

    /// <summary>Draws the map.</summary>
    /// <param name="summary">What is shown.</param>
    /// <param name="before">A run of the same sessions to compare with: what has gained is framed. Null for none.</param>
    public static Plot Draw(SimulationSummary summary, SimulationSummary? before = null)
    {
        SessionStatistics statistics = summary.Statistics;
        int count = statistics.Kinds.Count;
        var svg = new SvgText();
        for (int i = 0; i < count; i++)
        {
            double middle = (i * Cell) + (Cell / 2);
            svg.Label(Left - 10, Top + middle + 4, statistics.Kinds[i], "class=\"end\"");
            svg.Raw($"<text transform=\"translate({Left + middle - 4:0.#} {Top - 10:0.#}) rotate(-42)\">{SvgText.Escape(statistics.Kinds[i])}</text>");
            for (int j = 0; j < count; j++)
                DrawCell(svg, statistics, before?.Statistics, i, j);
        }

        DrawKey(svg, Top + (count * Cell) + 20, before is not null);
        return new Plot("Sessions that connect directly, by pair of sites" + summary.Suffix, Left + (count * Cell) + 84, Top + (count * Cell) + 62, svg.ToString());
    }

    private static void DrawCell(SvgText svg, SessionStatistics statistics, SessionStatistics? before, int row, int column)
    {
        (long direct, long relayed, long failed) = (
            statistics.Count(row, column, SessionEnd.Direct), statistics.Count(row, column, SessionEnd.Relayed), statistics.Count(row, column, SessionEnd.Failed));
        long total = direct + relayed + failed;
        (double x, double y) = (Left + (column * Cell), Top + (row * Cell));
        string title = $"{statistics.Kinds[row]} and {statistics.Kinds[column]}: {direct} direct, {relayed} relayed, {failed} failed";
        if (before is not null)
            title += $"; before, {before.Count(row, column, SessionEnd.Direct)} direct";
        svg.Rect(x, y, Cell - Gap, Cell - Gap, "rx=\"4\" class=\"cell\"", title);
        if (total == 0)
            return;
        double share = (double)direct / total;
        double lost = (double)failed / total;
        // Where more fail than connect at all, that is what the square says.
        bool fails = lost > 0.5;
        double strength = fails ? lost : share;
        if (strength > 0)
            svg.Rect(x, y, Cell - Gap, Cell - Gap, string.Create(CultureInfo.InvariantCulture, $"rx=\"4\" class=\"{(fails ? "failed" : "direct")}\" fill-opacity=\"{0.12 + (0.88 * strength):0.00}\""), title);
        if (before is not null && share - ((double)before.Count(row, column, SessionEnd.Direct) / total) >= Gain)
            svg.Rect(x + 1, y + 1, Cell - Gap - 2, Cell - Gap - 2, "rx=\"4\" class=\"gain\"", title);
        string text = fails ? "✗" : share is > 0.995 and < 1 ? "99+" : string.Create(CultureInfo.InvariantCulture, $"{share * 100:0}");
        string color = strength > 0.45 ? "on" : strength == 0 ? "muted" : "";
        svg.Label(x + ((Cell - Gap) / 2), y + (Cell / 2) + 4, text, $"class=\"middle {color}\" pointer-events=\"none\"");
    }

    private static void DrawKey(SvgText svg, double y, bool compared)
    {
        svg.Label(Left, y + 12, "% direct", "class=\"muted\"");
        for (int i = 0; i <= 4; i++)
        {
            double x = Left + 66 + (i * 46);
            svg.Rect(x, y, 44, 16, "rx=\"3\" class=\"cell\"");
            if (i > 0)
                svg.Rect(x, y, 44, 16, string.Create(CultureInfo.InvariantCulture, $"rx=\"3\" class=\"direct\" fill-opacity=\"{0.12 + (0.88 * i / 4):0.00}\""));
            svg.Label(x + 22, y + 32, string.Create(CultureInfo.InvariantCulture, $"{i * 25}"), "class=\"middle small muted\"");
        }

        svg.Label(Left + 318, y + 12, "0: all through a relay", "class=\"muted\"");
        svg.Rect(Left + 470, y, 16, 16, "rx=\"3\" class=\"failed\"");
        svg.Label(Left + 493, y + 12, "most fail", "class=\"muted\"");
        if (!compared)
            return;
        svg.Rect(Left + 571, y + 1, 15, 15, "rx=\"3\" class=\"gain\"");
        svg.Label(Left + 593, y + 12, "more than without", "class=\"muted\"");
    }
}
