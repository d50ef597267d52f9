using System.Globalization;
using System.Text;
using Ice.Simulation;

namespace IceTool.Simulate.Plots;

/// <summary>The page: self-contained, readable at a glance, light or dark as the reader has it. Where sessions were run in several ways, a switch chooses which one the pictures show.</summary>
internal static class ReportPage
{
    private const string HeatMapNote = "Each square is a pair of sites: the share of their sessions in which data takes the direct way, in percent.";
    private const string TimesNote = "Points mark p50, p95 and p99. A relay is only nominated when direct pairs have had their time: data flows over it before.";
    private const string BarsNote = "The most frequent pairs first; on the right, their share of all sessions.";

    public static string Render(IReadOnlyList<VariantPlots> variants, Plot shares)
    {
        SimulateSettings settings = variants[0].Summary.Settings;
        string source = settings.Source.Length == 0 ? "" : " " + SvgText.Escape(settings.Source);
        string ways = variants.Count == 1 ? $", {SvgText.Escape(variants[0].Summary.Variant.Name)}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
             <!DOCTYPE html>
             <html lang="en">
             <head>
             <meta charset="utf-8">
             <meta name="viewport" content="width=device-width, initial-scale=1">
             <meta name="color-scheme" content="light dark">
             <title>{SvgText.Escape(settings.Title)}</title>
             <style>
             {Plot.Style}
             {Css()}{SwitchCss(variants.Count)}</style>
             </head>
             <body>
             <main>
             <h1>{SvgText.Escape(settings.Title)}</h1>
             <p class="note">{settings.Sessions:N0} sessions in virtual time, seed {settings.Seed}{ways}.{source}</p>
             <section>
             <h2>{SvgText.Escape(shares.Title)}</h2>
             {shares.Inline}
             {Figures(variants)}
             </section>
             {Switch(variants)}
             {Section(variants, static v => v.HeatMap, HeatMapNote)}
             {Section(variants, static v => v.Times, TimesNote)}
             {Section(variants, static v => v.Bars, BarsNote)}
             <section>
             <details>
             <summary>All pairs as a table</summary>
             {OfEach(variants, static v => Table(v.Summary))}
             </details>
             </section>
             <div class="note" style="margin-top: 20px">{OfEach(variants, static v => Verdict(v.Summary.Statistics))}</div>
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

    // Radio buttons before all that they switch: no script.
    private static string SwitchCss(int count)
    {
        if (count == 1)
            return "";
        var text = new StringBuilder(".of { display: none }\n");
        for (int i = 0; i < count; i++)
            _ = text.Append(CultureInfo.InvariantCulture, $"#v{i}:checked ~ * .of{i} {{ display: block }} #v{i}:checked ~ .switch label[for=v{i}] {{ background: var(--ink); color: var(--surface) }} #v{i}:focus-visible ~ .switch label[for=v{i}] {{ outline: 2px solid var(--direct) }}\n");
        return text.ToString();
    }

    private static string Switch(IReadOnlyList<VariantPlots> variants)
    {
        if (variants.Count == 1)
            return "";
        var text = new StringBuilder();
        for (int i = 0; i < variants.Count; i++)
            _ = text.Append(CultureInfo.InvariantCulture, $"<input type=\"radio\" name=\"variant\" id=\"v{i}\"{(i == variants.Count - 1 ? " checked" : "")}>");
        _ = text.Append("\n<div class=\"switch\">");
        for (int i = 0; i < variants.Count; i++)
            _ = text.Append(CultureInfo.InvariantCulture, $"<label for=\"v{i}\">{SvgText.Escape(variants[i].Summary.Variant.Name)}</label>");
        return text.Append("</div>").ToString();
    }

    private static string Section(IReadOnlyList<VariantPlots> variants, Func<VariantPlots, Plot> plot, string note) =>
        "<section>\n" + OfEach(variants, v => $"<h2>{SvgText.Escape(plot(v).Title)}</h2>\n<p class=\"note\">{SvgText.Escape(note)}</p>\n{plot(v).Inline}") + "\n</section>";

    private static string OfEach(IReadOnlyList<VariantPlots> variants, Func<VariantPlots, string> content)
    {
        if (variants.Count == 1)
            return content(variants[0]);
        var text = new StringBuilder();
        for (int i = 0; i < variants.Count; i++)
            _ = text.Append(CultureInfo.InvariantCulture, $"<div class=\"of of{i}\">{content(variants[i])}</div>\n");
        return text.ToString();
    }

    private static string Figures(IReadOnlyList<VariantPlots> variants)
    {
        var text = new StringBuilder("<table>\n<tr><th></th><th>direct</th><th>relayed</th><th>failed</th><th>data after, p50</th><th>p95</th><th>connected, p50</th><th>p95</th><th>p99</th><th>sessions that probe</th><th>probes each</th></tr>\n");
        foreach (VariantPlots variant in variants)
        {
            SimulationSummary summary = variant.Summary;
            SessionStatistics statistics = summary.Statistics;
            _ = text.Append(CultureInfo.InvariantCulture, $"<tr><td>{SvgText.Escape(summary.Variant.Name)}</td>");
            foreach (SessionEnd end in Enum.GetValues<SessionEnd>())
                _ = text.Append(CultureInfo.InvariantCulture, $"<td>{summary.Share(end) * 100:0.00} %</td>");
            TimeHistogram connected = statistics.Connected;
            TimeSpan?[] times = [statistics.Data.Percentile(0.5), statistics.Data.Percentile(0.95), .. SimulationSummary.Percentiles.Select(connected.Percentile)];
            foreach (TimeSpan? time in times)
                _ = text.Append(CultureInfo.InvariantCulture, $"<td>{(time is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known.TotalSeconds:0.00} s") : "")}</td>");
            _ = text.Append(CultureInfo.InvariantCulture, $"<td>{statistics.Probing:N0}</td><td>{summary.ProbesPerProbingSession:N0}</td></tr>\n");
        }

        return text.Append("</table>").ToString();
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
