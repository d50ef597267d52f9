using System.Net;
using System.Text.Json.Nodes;
using Ice;
using Ice.Core;
using IceTool.Agents;

namespace IceTool.Bridge;

/// <summary>The report for a program: one JSON object a line.</summary>
internal sealed class JsonBridgeReport(JsonLines output) : IBridgeReport
{
    public void Open(IPEndPoint local, IPEndPoint? application) =>
        output.Write(new JsonObject { ["ev"] = "open", ["listen"] = local.ToString(), ["forward"] = application?.ToString() });

    public void Line(bool offer, string line) => output.Write(new JsonObject { ["ev"] = offer ? "offer" : "answer", ["line"] = line });

    public void Written(string path) => output.Write(new JsonObject { ["ev"] = "written", ["path"] = path });

    public void Wait(string what) => output.Write(new JsonObject { ["ev"] = "waiting", ["for"] = what });

    public void Problem(string message) => output.Write(AgentJson.Error(message));

    public void Take(EventArgs args)
    {
        if (args is not IceCandidatePairEventArgs && AgentJson.Event(args) is { } line)
            output.Write(line);
    }

    public void Connected(CandidatePairInfo pair) =>
        output.Write(new JsonObject { ["ev"] = "connected", ["local"] = pair.Local.ToString(), ["remote"] = pair.Remote.ToString() });

    public void Application(IPEndPoint endPoint) => output.Write(new JsonObject { ["ev"] = "application", ["address"] = endPoint.ToString() });

    public void End(IceUdpBridgeStats stats) => output.Write(new JsonObject
    {
        ["ev"] = "ended",
        ["sentToPeer"] = stats.SentToPeer,
        ["bytesSentToPeer"] = stats.BytesSentToPeer,
        ["sentToApplication"] = stats.SentToApplication,
        ["bytesSentToApplication"] = stats.BytesSentToApplication,
        ["givenUpForPeer"] = stats.GivenUpForPeer,
        ["givenUpForApplication"] = stats.GivenUpForApplication,
        ["refusedForPeer"] = stats.RefusedForPeer,
        ["refusedForApplication"] = stats.RefusedForApplication,
        ["fromStrangers"] = stats.FromStrangers,
    });
}
