using System.Globalization;
using Ice.Simulation;
using Spectre.Console;

namespace IceTool.Simulate;

/// <summary>The report for a person.</summary>
internal sealed class ConsoleSimulateReport(IAnsiConsole console)
{
    private const int MaxPairs = 24;
    private const int MaxGains = 12;
    private const int BarWidth = 30;

    public void Write(IReadOnlyList<SimulationSummary> summaries, TimeSpan elapsed, string? directory)
    {
        SimulateSettings settings = summaries[0].Settings;
        string ways = summaries.Count > 1 ? $", run in {summaries.Count} ways" : $", {summaries[0].Variant.Name}";
        console.MarkupLine(Text($"[bold]{settings.Title}[/]: {settings.Sessions:N0} sessions, seed {settings.Seed}{ways}, {elapsed.TotalSeconds:0.0} s"));
        foreach (SimulationSummary summary in summaries)
            WriteEnds(summary, summaries.Count > 1);
        console.WriteLine();
        WritePairs(summaries[^1]);
        if (summaries.Count > 1)
            WriteGains(summaries);
        foreach (SimulationSummary summary in summaries)
            WriteSurprises(summary, summaries.Count > 1);
        if (directory is not null)
            console.MarkupLine($"\nThe page is [bold]{Markup.Escape(System.IO.Path.Combine(directory, "index.html"))}[/]; the pictures lie beside it.");
    }

    public void Write(SessionResult result, string file)
    {
        console.MarkupLine(Text($"Session {result.Plan.Index}, seed {result.Plan.Scenario.Seed}: [bold]{JsonSimulateReport.NameOf(result.End)}[/] after {result.Time.TotalSeconds:0.000} s{(result.Probes > 0 ? $", {result.Probes} probes" : "")}"));
        console.MarkupLine($"  offerer   {Markup.Escape(result.Plan.Scenario.Offerer.ToString())}");
        console.MarkupLine($"  answerer  {Markup.Escape(result.Plan.Scenario.Answerer.ToString())}");
        console.MarkupLine($"  oracle    {Markup.Escape(result.Oracle.ToString())}");
        if (result.Explanation is not null)
            console.MarkupLine($"  reason    {Markup.Escape(result.Explanation)}");
        console.MarkupLine($"  capture   {Markup.Escape(file)}");
    }

    private void WriteEnds(SimulationSummary summary, bool named)
    {
        SessionStatistics statistics = summary.Statistics;
        console.WriteLine();
        if (named)
            console.MarkupLine($"  [bold]{Markup.Escape(summary.Variant.Name)}[/]");
        console.MarkupLine(Text($"  [blue]direct {summary.Share(SessionEnd.Direct):P2}[/]   [yellow]relayed {summary.Share(SessionEnd.Relayed):P2}[/]   [red]failed {summary.Share(SessionEnd.Failed):P2}[/]"));
        WriteTimes("time until data flows", statistics.Data);
        WriteTimes("time to connect, all", statistics.Connected);
        WriteTimes("time to connect, direct", statistics.Direct);
        WriteTimes("time to connect, relayed", statistics.Relayed);
        if (summary.Variant.Traversal is not null)
            console.MarkupLine(Text($"  [grey]{statistics.Probes:N0} probes by {statistics.Probing:N0} sessions, {summary.ProbesPerProbingSession:0} each on average[/]"));
    }

    private void WritePairs(SimulationSummary summary)
    {
        int width = summary.Pairs.Max(static pair => pair.Name.Length);
        foreach (PairShares pair in summary.Pairs.Take(MaxPairs))
            console.MarkupLine(Text($"  {Markup.Escape(pair.Name.PadRight(width))}  {Bar(pair)}  [grey]{pair.Total,8:N0}[/]  {Share(pair.Direct, pair)} direct, {Share(pair.Relayed, pair)} relayed, {Share(pair.Failed, pair)} failed"));
        if (summary.Pairs.Count > MaxPairs)
            console.MarkupLine(Text($"  [grey]and {summary.Pairs.Count - MaxPairs} more pairs of kinds: see the page, or --json[/]"));
    }

    /// <summary>The pairs that gain the most direct sessions.</summary>
    private void WriteGains(IReadOnlyList<SimulationSummary> summaries)
    {
        Dictionary<string, PairShares>[] byName = [.. summaries.Select(static summary => summary.Pairs.ToDictionary(static pair => pair.Name))];
        PairShares[] gains = [.. summaries[^1].Pairs.Where(pair => pair.Direct > byName[0][pair.Name].Direct).OrderByDescending(pair => pair.Direct - byName[0][pair.Name].Direct).Take(MaxGains)];
        if (gains.Length == 0)
            return;
        console.MarkupLine("\nWhat gains the most, share of direct sessions:");
        int width = gains.Max(static pair => pair.Name.Length);
        foreach (PairShares pair in gains)
            console.MarkupLine(Text($"  {Markup.Escape(pair.Name.PadRight(width))}  {string.Join(" → ", byName.Select(pairs => Share(pairs[pair.Name].Direct, pairs[pair.Name])))}"));
    }

    private void WriteTimes(string name, TimeHistogram histogram)
    {
        if (histogram.Count == 0)
            return;
        IEnumerable<string> times = SimulationSummary.Percentiles.Select(share => Text($"p{share * 100:0} {histogram.Percentile(share)!.Value.TotalMilliseconds,6:N0} ms"));
        console.MarkupLine($"  [grey]{name,-24}[/] {string.Join("   ", times)}");
    }

    private void WriteSurprises(SimulationSummary summary, bool named)
    {
        SessionStatistics statistics = summary.Statistics;
        string name = named ? Markup.Escape(summary.Variant.Name) + ": " : "";
        if (statistics.Unexpected == 0)
        {
            console.MarkupLine($"\n[green]{name}every session ended as the oracle had said.[/]");
            return;
        }

        console.MarkupLine(Text($"\n[red]{name}{statistics.Unexpected} sessions did not end as the oracle had said.[/] The first of them:"));
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
