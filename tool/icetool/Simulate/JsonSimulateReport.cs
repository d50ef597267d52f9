using System.Text.Json.Nodes;
using Ice.Simulation;
using IceTool.Agents;

namespace IceTool.Simulate;

/// <summary>The report as JSON.</summary>
internal static class JsonSimulateReport
{
    /// <summary>One run as one object; several of the same sessions as an object with one for each.</summary>
    public static JsonObject Of(IReadOnlyList<SimulationSummary> summaries) => summaries.Count == 1 ? Of(summaries[0]) : new()
    {
        ["ev"] = "compare",
        ["seed"] = summaries[0].Settings.Seed,
        ["sessions"] = summaries[0].Settings.Sessions,
        ["variants"] = new JsonArray([.. summaries.Select(static summary => (JsonNode)Of(summary))]),
    };

    private static JsonObject Of(SimulationSummary summary) => new()
    {
        ["ev"] = "simulate",
        ["variant"] = summary.Variant.Key,
        ["seed"] = summary.Settings.Seed,
        ["sessions"] = summary.Statistics.Total,
        ["source"] = summary.Settings.Source,
        ["direct"] = Round(summary.Share(SessionEnd.Direct)),
        ["relayed"] = Round(summary.Share(SessionEnd.Relayed)),
        ["failed"] = Round(summary.Share(SessionEnd.Failed)),
        ["unexpected"] = summary.Statistics.Unexpected,
        ["timeMs"] = new JsonObject
        {
            ["all"] = Times(summary.Statistics.Connected),
            ["direct"] = Times(summary.Statistics.Direct),
            ["relayed"] = Times(summary.Statistics.Relayed),
            ["data"] = Times(summary.Statistics.Data),
        },
        ["probes"] = new JsonObject { ["sessions"] = summary.Statistics.Probing, ["sent"] = summary.Statistics.Probes },
        ["pairs"] = new JsonArray([.. summary.Pairs.Select(static pair => (JsonNode)new JsonObject
        {
            ["a"] = pair.Kind,
            ["b"] = pair.Other,
            ["direct"] = pair.Direct,
            ["relayed"] = pair.Relayed,
            ["failed"] = pair.Failed,
        })]),
        ["surprises"] = new JsonArray([.. summary.Statistics.Surprises.Select(static result => (JsonNode)Of(result))]),
    };

    public static JsonObject Of(SessionResult result) => new()
    {
        ["ev"] = "session",
        ["session"] = result.Plan.Index,
        ["seed"] = result.Plan.Scenario.Seed,
        ["end"] = NameOf(result.End),
        ["timeMs"] = AgentJson.Milliseconds(result.Time),
        ["dataMs"] = result.TimeToData is { } data ? AgentJson.Milliseconds(data) : null,
        ["probes"] = result.Probes,
        ["reason"] = result.Explanation,
        ["oracle"] = result.Oracle.ToString(),
        ["expected"] = result.IsAsExpected,
        ["offerer"] = result.Plan.Scenario.Offerer.ToString(),
        ["answerer"] = result.Plan.Scenario.Answerer.ToString(),
    };

    public static string NameOf(SessionEnd end) => end switch { SessionEnd.Direct => "direct", SessionEnd.Relayed => "relayed", _ => "failed" };

    private static double Round(double share) => Math.Round(share, 6);

    private static JsonObject Times(TimeHistogram histogram) => new()
    {
        ["count"] = histogram.Count,
        ["p50"] = histogram.Percentile(0.50)?.TotalMilliseconds,
        ["p95"] = histogram.Percentile(0.95)?.TotalMilliseconds,
        ["p99"] = histogram.Percentile(0.99)?.TotalMilliseconds,
    };
}
