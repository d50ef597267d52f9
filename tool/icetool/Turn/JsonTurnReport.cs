using System.Text.Json.Nodes;
using IceTool.Agents;

namespace IceTool.Turn;

/// <summary>The report as JSON lines.</summary>
internal sealed class JsonTurnReport(JsonLines output) : ITurnReport
{
    public void Begin(TurnRequest request)
    {
    }

    public void Tell(TurnProbeResult result)
    {
        var line = new JsonObject { ["ev"] = "transport", ["transport"] = NameOf(result), ["server"] = result.Server, ["ok"] = result.Worked };
        if (!result.Worked)
        {
            line["reason"] = result.Reason;
            line["code"] = result.Code == 0 ? null : result.Code;
        }

        if (result.Allocated is { } allocated)
        {
            line["allocateMs"] = AgentJson.Milliseconds(allocated);
            line["relayed"] = result.Relayed.ToString();
            line["mapped"] = result.Mapped.IsNone ? null : result.Mapped.ToString();
            line["local"] = result.Local?.ToString();
            line["lifetime"] = result.Lifetime?.TotalSeconds;
        }

        if (result.RoundTrips is { } trips)
        {
            line["peer"] = result.Peer;
            line["rttMs"] = AgentJson.Milliseconds(trips.Median);
            line["fastestMs"] = AgentJson.Milliseconds(trips.Fastest);
            line["pings"] = trips.Sent;
            line["pingsLost"] = trips.Lost;
        }

        if (result.Throughput is { } throughput)
        {
            line["mbps"] = Math.Round(throughput.MegabitsPerSecond, 1);
            line["sent"] = throughput.Sent;
            line["lost"] = throughput.Lost;
        }

        output.Write(line);
    }

    public void End(IReadOnlyList<TurnProbeResult> results) => output.Write(new JsonObject
    {
        ["ev"] = "turn",
        ["ok"] = results.All(r => r.Worked),
        ["worked"] = new JsonArray([.. results.Where(r => r.Worked).Select(r => (JsonNode)NameOf(r))]),
        ["failed"] = new JsonArray([.. results.Where(r => !r.Worked).Select(r => (JsonNode)NameOf(r))]),
    });

    private static string NameOf(TurnProbeResult result) => result.Path switch { TurnPath.Udp => "udp", TurnPath.Tcp => "tcp", _ => "tls" };
}
