using System.Globalization;
using System.Text;
using Ice.Simulation;

namespace IceTool.Simulate.Plots;

/// <summary>The page: self-contained, readable at a glance, light or dark as the reader has it.</summary>
internal static class ReportPage
{
    public static string Render(SimulationSummary summary, Plot heatMap, Plot bars, Plot times)
    {
        SessionStatistics statistics = summary.Statistics;
        string source = summary.Settings.Source.Length == 0 ? "" : " " + SvgText.Escape(summary.Settings.Source);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
             <!DOCTYPE html>
             <html lang="en">
             <head>
             <meta charset="utf-8">
             <meta name="viewport" content="width=device-width, initial-scale=1">
             <meta name="color-scheme" content="light dark">
             <title>{SvgText.Escape(summary.Settings.Title)}</title>
             <style>
             {Plot.Style}
             {Css()}</style>
             </head>
             <body>
             <main>
             <h1>{SvgText.Escape(summary.Settings.Title)}</h1>
             <p class="note">{statistics.Total:N0} sessions in virtual time, seed {summary.Settings.Seed}, without port prediction.{source}</p>
             <section>
             <h2>How sessions end</h2>
             {Shares(summary)}
             <div class="figures">
             {Figures(summary)}
             </div>
             </section>
             {Section(heatMap, "Each square is a pair of sites: the share of their sessions in which data takes the direct way, in percent.")}
             {Section(times, "Points mark p50, p95 and p99. A relay is only nominated when the repeated checks of direct pairs have had their time: data flows over it before.")}
             {Section(bars, "The most frequent pairs first; on the right, their share of all sessions.")}
             <section>
             <details>
             <summary>All pairs as a table</summary>
             {Table(summary)}
             </details>
             </section>
             <p class="note" style="margin-top: 20px">{Verdict(statistics)}</p>
             </main>
             </body>
             </html>

             """);
    }

    private static string Css()
    {
        using Stream stream = typeof(ReportPage).Assembly.GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string Section(Plot plot, string note) =>
        $"<section>\n<h2>{SvgText.Escape(plot.Title)}</h2>\n<p class=\"note\">{SvgText.Escape(note)}</p>\n{plot.Inline}\n</section>";

    private static string Shares(SimulationSummary summary)
    {
        var text = new StringBuilder("<div class=\"shares\">");
        foreach (SessionEnd end in Enum.GetValues<SessionEnd>())
        {
            if (summary.Statistics.Count(end) > 0)
                _ = text.Append(CultureInfo.InvariantCulture, $"<i class=\"{JsonSimulateReport.NameOf(end)}\" style=\"flex: {summary.Share(end):0.0000}\"></i>");
        }

        return text.Append("</div>").ToString();
    }

    private static string Figures(SimulationSummary summary)
    {
        var text = new StringBuilder();
        foreach (SessionEnd end in Enum.GetValues<SessionEnd>())
            _ = text.Append(CultureInfo.InvariantCulture, $"<div class=\"{JsonSimulateReport.NameOf(end)}\"><b>{summary.Share(end) * 100:0.00} %</b><span>{JsonSimulateReport.NameOf(end)}</span></div>\n");
        TimeHistogram connected = summary.Statistics.Connected;
        foreach (double share in SimulationSummary.Percentiles)
        {
            if (connected.Percentile(share) is { } time)
                _ = text.Append(CultureInfo.InvariantCulture, $"<div><b>{time.TotalSeconds:0.00} s</b><span>to connect, p{share * 100:0}</span></div>\n");
        }

        return text.ToString();
    }

    private static string Table(SimulationSummary summary)
    {
        var text = new StringBuilder("<table>\n<tr><th>pair</th><th>sessions</th><th>direct</th><th>relayed</th><th>failed</th></tr>\n");
        foreach (PairShares pair in summary.Pairs)
        {
            _ = text.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td>{SvgText.Escape(pair.Name)}</td><td>{pair.Total:N0}</td><td>{(double)pair.Direct / pair.Total:P1}</td><td>{(double)pair.Relayed / pair.Total:P1}</td><td>{(double)pair.Failed / pair.Total:P1}</td></tr>\n");
        }

        return text.Append("</table>").ToString();
    }

    private static string Verdict(SessionStatistics statistics) => statistics.Unexpected == 0
        ? "Every session ended as the oracle, which knows the topology alone, had said before."
        : $"{statistics.Unexpected} sessions did not end as the oracle had said before: the command names the first of them.";
}
