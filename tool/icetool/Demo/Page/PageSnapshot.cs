using System.Globalization;
using System.Text.Json.Nodes;
using Ice;
using IceTool.Agents;

namespace IceTool.Demo.Page;

/// <summary>What the page shows of the agent at one moment.</summary>
internal static class PageSnapshot
{
    public static JsonObject Of(IceStats stats, long received, int firstLength) => new()
    {
        ["type"] = "snapshot",
        ["pairs"] = new JsonArray([.. stats.CandidatePairs.Select(Pair)]),
        ["received"] = received,
        ["firstLength"] = firstLength,
    };

    private static JsonObject Pair(IceCandidatePairStats pair) => new()
    {
        ["id"] = pair.Id,
        ["local"] = Candidate(pair.LocalCandidate),
        ["remote"] = Candidate(pair.RemoteCandidate),
        ["state"] = AgentNames.Of(pair.State),
        // As text: a 64-bit number loses digits in JavaScript.
        ["priority"] = pair.Priority.ToString(CultureInfo.InvariantCulture),
        ["nominated"] = pair.Nominated,
        ["selected"] = pair.Selected,
        ["rtt"] = pair.CurrentRoundTripTime?.TotalMilliseconds,
        ["sent"] = pair.RequestsSent + pair.ConsentRequestsSent,
        ["answered"] = pair.ResponsesReceived,
        ["reason"] = pair.FailureReason,
    };

    private static JsonObject Candidate(IceCandidate candidate) => new()
    {
        ["address"] = candidate.HostName ?? (candidate.Address.IsNone ? "" : candidate.Address.ToIPAddress().ToString()),
        ["port"] = candidate.Port,
        ["type"] = AgentNames.Of(candidate.Type),
        ["transport"] = candidate.TransportToken,
        ["priority"] = candidate.Priority,
    };
}
