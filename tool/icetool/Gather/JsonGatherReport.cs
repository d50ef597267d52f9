using System.Text.Json.Nodes;
using Ice;
using IceTool.Agents;

namespace IceTool.Gather;

/// <summary>The report as JSON lines.</summary>
internal sealed class JsonGatherReport(JsonLines output) : GatherReport
{
    protected override void Tell(GatheredCandidate gathered) => output.Write(new JsonObject
    {
        ["ev"] = "candidate",
        ["candidate"] = gathered.Candidate.ToString(),
        ["type"] = AgentNames.Of(gathered.Candidate.Type),
        ["address"] = AgentNames.EndPointOf(gathered.Candidate),
        ["priority"] = gathered.Candidate.Priority,
        ["ms"] = AgentJson.Milliseconds(gathered.Age),
    });

    protected override void Tell(IceServerAnsweredEventArgs answer) => output.Write(AgentJson.Event(answer)!);

    protected override void Tell(IReadOnlyList<ServerSummary> servers, bool good) =>
        output.Write(new JsonObject { ["ev"] = "gathered", ["candidates"] = Candidates.Count, ["ms"] = AgentJson.Milliseconds(Elapsed), ["ok"] = good });
}
