using System.Text.Json;

namespace BrowserInterop;

/// <summary>What the agent has said so far of one session.</summary>
internal sealed class AgentWatch(int? session = null)
{
    public SelectedPair? Pair { get; private set; }

    public string? State { get; private set; }

    public void Take(JsonElement line)
    {
        if (session is { } mine && (!line.TryGetProperty("session", out JsonElement id) || id.GetInt32() != mine))
            return;
        if (line.Is("pair"))
            Pair = new SelectedPair(Side.OfCandidate(line.Text("local")), Side.OfCandidate(line.Text("remote")));
        else if (line.Is("state"))
            State = line.Text("state");
        if (State == "failed")
            throw new InvalidOperationException($"the agent failed: {(line.TryGetProperty("reason", out JsonElement reason) ? reason.GetString() : "no reason given")}");
    }
}
