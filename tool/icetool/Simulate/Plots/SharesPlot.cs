using System.Globalization;
using Ice.Simulation;

namespace IceTool.Simulate.Plots;

/// <summary>Direct, relayed and failed of all sessions: a bar for each way that they were run in, one below the other.</summary>
internal static class SharesPlot
{
    private const double Width = 960;
    private const double Step = 74;
    private const double Height = 36;

    public static Plot Draw(IReadOnlyList<SimulationSummary> summaries)
    {
        var svg = new SvgText();
        double y = 0;
        foreach (SimulationSummary summary in summaries)
        {
            svg.Label(0, y + 15, summary.Variant.Name, "class=\"strong\"");
            double x = 0;
            List<string> small = [];
            foreach (SessionEnd end in Enum.GetValues<SessionEnd>())
            {
                double width = Width * summary.Share(end);
                string name = JsonSimulateReport.NameOf(end);
                string share = string.Create(CultureInfo.InvariantCulture, $"{summary.Share(end) * 100:0.00} %");
                if (width > 0)
                    svg.Rect(x, y + 24, Math.Max(width - 3, 1), Height, $"rx=\"5\" class=\"{name}\"", $"{summary.Variant.Name}: {share} {name}");
                if (width > 130)
                    svg.Label(x + 12, y + 47, $"{share} {name}", "class=\"on strong\" style=\"font-size: 15px\" pointer-events=\"none\"");
                else if (width > 0)
                    small.Add($"{share} {name}");
                x += width;
            }

            // What has no room inside stands above, at the right end.
            svg.Label(Width - 3, y + 15, string.Join(", ", small), "class=\"end muted\"");

            y += Step;
        }

        return new Plot("How sessions end", Width, y, svg.ToString());
    }
}
