using System.Text.Json;

namespace PeersInterop;

/// <summary>A line that a peer program printed.</summary>
/// <param name="Index">How many lines came before it.</param>
/// <param name="At">When it came, on the clock of <see cref="PeerProcess.Now"/>.</param>
/// <param name="Json">The line.</param>
internal sealed record PeerLine(int Index, TimeSpan At, JsonElement Json)
{
    /// <summary>The kind of event.</summary>
    public string Event => Text("ev");

    /// <summary>A field of text; empty when it is absent.</summary>
    public string Text(string name) => Json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>A field that is a number; 0 when it is absent.</summary>
    public long Number(string name) => Json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;

    /// <summary>Whether it is an event that tells one of these states.</summary>
    public bool IsState(params ReadOnlySpan<string> states) => Event == "state" && states.Contains(Text("state"));
}
