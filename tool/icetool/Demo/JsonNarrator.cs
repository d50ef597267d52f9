using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using IceTool.Agents;

namespace IceTool.Demo;

/// <summary>The demo as JSON lines.</summary>
internal sealed class JsonNarrator(JsonLines output) : IDemoNarrator
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public void Chapter(string title, string explanation)
    {
        // The lines speak for themselves.
    }

    public void ServerStarted(IPEndPoint endPoint) => Write(new() { ["ev"] = "listening", ["url"] = $"stun:{endPoint}" });

    public void Agent(string who, int session, EventArgs args)
    {
        if (AgentJson.Event(args) is not { } line)
            return;
        line["agent"] = who;
        if (session > 0)
            line["session"] = session;
        Write(line);
    }

    public void Data(string from, string to, string text) => Write(new() { ["ev"] = "data", ["agent"] = to, ["from"] = from, ["text"] = text });

    public void RoundTrips(string who, IReadOnlyList<TimeSpan> times) => Write(new()
    {
        ["ev"] = "roundtrips",
        ["agent"] = who,
        ["ms"] = new JsonArray([.. times.Select(t => (JsonNode)AgentJson.Milliseconds(t))]),
    });

    public void Finished(string? failure, TimeSpan connectedAfter)
    {
        var line = new JsonObject { ["ev"] = "done", ["ok"] = failure is null };
        if (failure is null)
            line["connectMs"] = AgentJson.Milliseconds(connectedAfter);
        else
            line["reason"] = failure;
        Write(line);
    }

    public void PageServed(Uri url, int wantedPort) => Write(new() { ["ev"] = "page", ["url"] = url.ToString() });

    public void Session(int session, string role, string trickle, bool ended) => Write(ended
        ? new() { ["ev"] = "session-ended", ["session"] = session }
        : new() { ["ev"] = "session", ["session"] = session, ["browser"] = role, ["trickle"] = trickle });

    public void BrowserReports(int session, string state, string local, string remote) =>
        Write(new() { ["ev"] = "browser", ["session"] = session, ["state"] = state, ["local"] = local, ["remote"] = remote });

    private void Write(JsonObject line)
    {
        line["at"] = AgentJson.Milliseconds(Stopwatch.GetElapsedTime(_start));
        output.Write(line);
    }
}
