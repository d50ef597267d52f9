namespace IceTool.Simulate.Plots;

/// <summary>Writes the page and its pictures.</summary>
internal static class ReportFiles
{
    public static void Write(string directory, SimulationSummary summary)
    {
        Plot heatMap = HeatMapPlot.Draw(summary);
        Plot bars = PairBarsPlot.Draw(summary);
        Plot times = ConnectTimePlot.Draw(summary);
        File.WriteAllText(System.IO.Path.Combine(directory, "direct-by-pair.svg"), heatMap.Standalone);
        File.WriteAllText(System.IO.Path.Combine(directory, "ends-by-pair.svg"), bars.Standalone);
        File.WriteAllText(System.IO.Path.Combine(directory, "time-to-connect.svg"), times.Standalone);
        File.WriteAllText(System.IO.Path.Combine(directory, "index.html"), ReportPage.Render(summary, heatMap, bars, times));
    }
}
