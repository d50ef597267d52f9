using System.Globalization;
using Ice.Simulation;
using Spectre.Console;

namespace IceTool.Simulate;

/// <summary>The report for a person.</summary>
internal sealed class ConsoleSimulateReport(IAnsiConsole console)
{
    private const int MaxPairs = 24;
    private const int BarWidth = 30;

    public void Write(SimulationSummary summary, TimeSpan elapsed, string? directory)
    {
        SessionStatistics statistics = summary.Statistics;
        console.MarkupLine(Text($"[bold]{summary.Settings.Title}[/]: {statistics.Total:N0} sessions, seed {summary.Settings.Seed}, {elapsed.TotalSeconds:0.0} s"));
        console.WriteLine();
        console.MarkupLine(Text($"  [blue]direct {summary.Share(SessionEnd.Direct):P2}[/]   [yellow]relayed {summary.Share(SessionEnd.Relayed):P2}[/]   [red]failed {summary.Share(SessionEnd.Failed):P2}[/]"));
        WriteTimes("all", statistics.Connected);
        WriteTimes("direct", statistics.Direct);
        WriteTimes("relayed", statistics.Relayed);
        console.WriteLine();
        int width = summary.Pairs.Max(static pair => pair.Name.Length);
        foreach (PairShares pair in summary.Pairs.Take(MaxPairs))
            console.MarkupLine(Text($"  {Markup.Escape(pair.Name.PadRight(width))}  {Bar(pair)}  [grey]{pair.Total,8:N0}[/]  {Share(pair.Direct, pair)} direct, {Share(pair.Relayed, pair)} relayed, {Share(pair.Failed, pair)} failed"));
        if (summary.Pairs.Count > MaxPairs)
            console.MarkupLine(Text($"  [grey]and {summary.Pairs.Count - MaxPairs} more pairs of kinds: see the page, or --json[/]"));
        WriteSurprises(statistics);
        if (directory is not null)
            console.MarkupLine($"\nThe page is [bold]{Markup.Escape(System.IO.Path.Combine(directory, "index.html"))}[/]; the pictures lie beside it.");
    }

    public void Write(SessionResult result, string file)
    {
        console.MarkupLine(Text($"Session {result.Plan.Index}, seed {result.Plan.Scenario.Seed}: [bold]{JsonSimulateReport.NameOf(result.End)}[/] after {result.Time.TotalSeconds:0.000} s"));
        console.MarkupLine($"  offerer   {Markup.Escape(result.Plan.Scenario.Offerer.ToString())}");
        console.MarkupLine($"  answerer  {Markup.Escape(result.Plan.Scenario.Answerer.ToString())}");
        console.MarkupLine($"  oracle    {Markup.Escape(result.Oracle.ToString())}");
        if (result.Explanation is not null)
            console.MarkupLine($"  reason    {Markup.Escape(result.Explanation)}");
        console.MarkupLine($"  capture   {Markup.Escape(file)}");
    }

    private void WriteTimes(string name, TimeHistogram histogram)
    {
        if (histogram.Count == 0)
            return;
        IEnumerable<string> times = SimulationSummary.Percentiles.Select(share => Text($"p{share * 100:0} {histogram.Percentile(share)!.Value.TotalMilliseconds,6:N0} ms"));
        console.MarkupLine($"  [grey]time to connect, {name,-8}[/] {string.Join("   ", times)}");
    }

    private void WriteSurprises(SessionStatistics statistics)
    {
        if (statistics.Unexpected == 0)
        {
            console.MarkupLine("\n[green]Every session ended as the oracle had said.[/]");
            return;
        }

        console.MarkupLine(Text($"\n[red]{statistics.Unexpected} sessions did not end as the oracle had said.[/] The first of them:"));
        foreach (SessionResult result in statistics.Surprises.Take(5))
            console.MarkupLine(Text($"  session {result.Plan.Index}: {JsonSimulateReport.NameOf(result.End)} after {result.Time.TotalSeconds:0.000} s; {Markup.Escape(result.Oracle.ToString())}"));
    }

    private static string Bar(PairShares pair)
    {
        int direct = (int)Math.Round((double)pair.Direct / pair.Total * BarWidth);
        int failed = pair.Failed == 0 ? 0 : Math.Max(1, (int)Math.Round((double)pair.Failed / pair.Total * BarWidth));
        direct = Math.Min(direct, BarWidth - failed);
        int relayed = BarWidth - direct - failed;
        return $"[blue]{new string('█', direct)}[/][yellow]{new string('▓', relayed)}[/][red]{new string('░', failed)}[/]";
    }

    private static string Share(long part, PairShares pair) => Text($"{(double)part / pair.Total,4:P0}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
