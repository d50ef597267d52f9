using System.Text.Json.Nodes;
using Ice;
using Ice.Core;

namespace IceTool.Agents;

/// <summary>What agents say, as JSON objects: the lines of <c>ice peer</c>, which <c>ice demo --json</c> and <c>ice gather --json</c> share.</summary>
internal static class AgentJson
{
    public static JsonObject Error(string message) => new() { ["ev"] = "error", ["message"] = message };

    public static JsonObject Local(IceParameters parameters) => new() { ["ev"] = "local", ["ufrag"] = parameters.UsernameFragment, ["pwd"] = parameters.Password };

    /// <summary>An event of an agent; null for one that has no line.</summary>
    public static JsonObject? Event(EventArgs args) => args switch
    {
        IceCandidateEventArgs e => new() { ["ev"] = "candidate", ["candidate"] = e.Candidate.ToString() },
        IceServerAnsweredEventArgs e => Server(e),
        IceStateChangedEventArgs e => State(AgentNames.Of(e.State), e.Explanation),
        IceSelectedPairChangedEventArgs { Pair: { } pair } => Pair(pair),
        IceSelectedPairChangedEventArgs => null,
        IceCandidatePairEventArgs e => Check(e.Pair),
        IceRoleChangedEventArgs e => new() { ["ev"] = "role", ["role"] = AgentNames.Of(e.Role) },
        _ => new() { ["ev"] = "gathered" },
    };

    public static JsonObject State(string state, string? reason)
    {
        var line = new JsonObject { ["ev"] = "state", ["state"] = state };
        if (reason is not null)
            line["reason"] = reason;
        return line;
    }

    /// <summary>A pair's counters under their W3C names; times in seconds, as there.</summary>
    public static JsonObject Stats(IceCandidatePairStats pair) => new()
    {
        ["id"] = pair.Id,
        ["component"] = pair.Component.Component,
        ["local"] = pair.LocalCandidate.ToString(),
        ["remote"] = pair.RemoteCandidate.ToString(),
        ["state"] = AgentNames.Of(pair.State),
        ["priority"] = pair.Priority,
        ["nominated"] = pair.Nominated,
        ["selected"] = pair.Selected,
        ["packetsSent"] = pair.PacketsSent,
        ["packetsReceived"] = pair.PacketsReceived,
        ["bytesSent"] = pair.BytesSent,
        ["bytesReceived"] = pair.BytesReceived,
        ["packetsDiscardedOnSend"] = pair.PacketsDiscardedOnSend,
        ["bytesDiscardedOnSend"] = pair.BytesDiscardedOnSend,
        ["totalRoundTripTime"] = pair.TotalRoundTripTime.TotalSeconds,
        ["currentRoundTripTime"] = pair.CurrentRoundTripTime?.TotalSeconds,
        ["requestsSent"] = pair.RequestsSent,
        ["requestsReceived"] = pair.RequestsReceived,
        ["responsesSent"] = pair.ResponsesSent,
        ["responsesReceived"] = pair.ResponsesReceived,
        ["consentRequestsSent"] = pair.ConsentRequestsSent,
        ["failureReason"] = pair.FailureReason,
    };

    public static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);

    private static JsonObject Server(IceServerAnsweredEventArgs e)
    {
        var line = new JsonObject { ["ev"] = "server", ["url"] = e.Url, ["ok"] = e.Succeeded, ["ms"] = Milliseconds(e.Elapsed) };
        if (e.Reason is not null)
            line["reason"] = e.Reason;
        if (e.Server is not null)
            line["address"] = e.Server.ToString();
        if (e.Local is not null)
            line["local"] = e.Local.ToString();
        return line;
    }

    private static JsonObject Pair(CandidatePairInfo pair) => new()
    {
        ["ev"] = "pair",
        ["component"] = pair.Component.Component,
        ["local"] = pair.Local.ToString(),
        ["remote"] = pair.Remote.ToString(),
        ["nominated"] = pair.Nominated,
    };

    private static JsonObject Check(CandidatePairInfo pair) => new()
    {
        ["ev"] = "check",
        ["id"] = pair.Id,
        ["component"] = pair.Component.Component,
        ["local"] = pair.Local.ToString(),
        ["remote"] = pair.Remote.ToString(),
        ["state"] = AgentNames.Of(pair.State),
        ["priority"] = pair.Priority,
        ["nominated"] = pair.Nominated,
        ["roundTripMs"] = pair.RoundTripTime is { } time ? Milliseconds(time) : null,
        ["reason"] = pair.FailureReason,
    };
}
