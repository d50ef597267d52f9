using System.Globalization;
using System.Text;
using Ice.Simulation;

namespace IceTool.Simulate.Plots;

/// <summary>How many sessions are connected after which time: a curve for direct ones, one for relayed ones and one for all.</summary>
internal static class ConnectTimePlot
{
    private const double Left = 56;
    private const double Top = 20;
    private const double Width = 760;
    private const double Height = 330;

    private static readonly int[] s_ticks = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000];

    public static Plot Draw(SimulationSummary summary)
    {
        SessionStatistics statistics = summary.Statistics;
        TimeHistogram all = statistics.Connected;
        var svg = new SvgText();
        double least = FirstTick(all.Percentile(0.001), last: false);
        double greatest = Math.Max(FirstTick(all.Percentile(0.9995), last: true), least * 4);
        DrawGrid(svg, least, greatest);
        foreach ((TimeHistogram histogram, string color, string name) in new[] { (all, "var(--muted)", "all"), (statistics.Direct, "var(--direct)", "direct"), (statistics.Relayed, "var(--relayed)", "relayed") })
        {
            if (histogram.Count > 0)
                DrawCurve(svg, histogram, color, name, least, greatest);
        }

        return new Plot("Time until both are connected" + summary.Suffix, Left + Width + 90, Top + Height + 58, svg.ToString());
    }

    private static double FirstTick(TimeSpan? time, bool last)
    {
        double milliseconds = time?.TotalMilliseconds ?? 100;
        return last ? s_ticks.FirstOrDefault(tick => tick >= milliseconds, s_ticks[^1]) : s_ticks.LastOrDefault(tick => tick <= milliseconds, s_ticks[0]);
    }

    private static void DrawGrid(SvgText svg, double least, double greatest)
    {
        for (int percent = 0; percent <= 100; percent += 25)
        {
            double y = Y(percent / 100.0);
            svg.Line(Left, y, Left + Width, y, "class=\"rule\"");
            svg.Label(Left - 10, y + 4, $"{percent} %", "class=\"end muted small\"");
        }

        foreach (int tick in s_ticks.Where(tick => tick >= least && tick <= greatest))
        {
            double x = X(tick, least, greatest);
            svg.Line(x, Top, x, Top + Height, "class=\"rule\"");
            string text = tick < 1_000 ? $"{tick} ms" : string.Create(CultureInfo.InvariantCulture, $"{tick / 1_000} s");
            svg.Label(x, Top + Height + 20, text, "class=\"middle muted small\"");
        }

        svg.Label(Left + (Width / 2), Top + Height + 46, "from the offer to both agents connected, in virtual time (logarithmic)", "class=\"middle muted small\"");
    }

    private static void DrawCurve(SvgText svg, TimeHistogram histogram, string color, string name, double least, double greatest)
    {
        var points = new StringBuilder();
        const int Steps = 320;
        for (int i = 0; i <= Steps; i++)
        {
            double milliseconds = least * Math.Pow(greatest / least, (double)i / Steps);
            double share = histogram.ShareWithin(TimeSpan.FromMilliseconds(milliseconds));
            _ = points.Append(CultureInfo.InvariantCulture, $"{X(milliseconds, least, greatest):0.#},{Y(share):0.#} ");
        }

        string dash = name == "all" ? " stroke-dasharray=\"5 5\"" : "";
        svg.Raw($"<polyline class=\"curve\" points=\"{points}\" style=\"stroke: {color}\"{dash}/>");
        // The name stands at the curve's middle, the percentiles are marked on it.
        (double offset, string anchor) = name == "direct" ? (-12, "end") : (12, "start");
        double at = name == "all" ? 0.30 : name == "direct" ? 0.62 : 0.5;
        double x = X(histogram.Percentile(at)!.Value.TotalMilliseconds, least, greatest);
        svg.Raw($"<text x=\"{x + offset:0.#}\" y=\"{Y(at) + 4:0.#}\" text-anchor=\"{anchor}\" class=\"strong\" style=\"fill: {color}\">{name}</text>");
        foreach (double share in SimulationSummary.Percentiles)
        {
            double time = histogram.Percentile(share)!.Value.TotalMilliseconds;
            svg.Raw($"<circle cx=\"{X(time, least, greatest):0.#}\" cy=\"{Y(share):0.#}\" r=\"4.5\" style=\"fill: {color}; stroke: var(--card); stroke-width: 1.5\"><title>{name}, p{share * 100:0}: {time:N0} ms</title></circle>");
        }
    }

    private static double X(double milliseconds, double least, double greatest) =>
        Left + (Width * Math.Clamp(Math.Log(milliseconds / least) / Math.Log(greatest / least), 0, 1));

    private static double Y(double share) => Top + (Height * (1 - share));
}
