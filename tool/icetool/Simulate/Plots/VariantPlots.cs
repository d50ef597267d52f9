namespace IceTool.Simulate.Plots;

/// <summary>What came of one way to run the sessions, and its pictures.</summary>
internal sealed record VariantPlots(SimulationSummary Summary, Plot HeatMap, Plot Times, Plot Bars)
{
    public static VariantPlots Draw(SimulationSummary summary, SimulationSummary? before) =>
        new(summary, HeatMapPlot.Draw(summary, before), ConnectTimePlot.Draw(summary), PairBarsPlot.Draw(summary));
}
