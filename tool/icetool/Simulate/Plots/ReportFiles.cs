namespace IceTool.Simulate.Plots;

/// <summary>Writes the page and its pictures.</summary>
internal static class ReportFiles
{
    public static void Write(string directory, IReadOnlyList<SimulationSummary> summaries)
    {
        List<VariantPlots> plots = [];
        foreach (SimulationSummary summary in summaries)
        {
            var drawn = VariantPlots.Draw(summary, plots.Count == 0 ? null : summaries[0]);
            // Of several, the first has the plain names.
            string suffix = plots.Count == 0 ? "" : "-" + summary.Variant.Key;
            Write($"direct-by-pair{suffix}.svg", drawn.HeatMap.Standalone);
            Write($"ends-by-pair{suffix}.svg", drawn.Bars.Standalone);
            Write($"time-to-connect{suffix}.svg", drawn.Times.Standalone);
            plots.Add(drawn);
        }

        Plot shares = SharesPlot.Draw(summaries);
        Write("shares.svg", shares.Standalone);
        Write("index.html", ReportPage.Render(plots, shares));

        void Write(string name, string text) => File.WriteAllText(System.IO.Path.Combine(directory, name), text);
    }
}
