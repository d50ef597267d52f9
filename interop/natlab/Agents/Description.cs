using System.Text.Json.Nodes;

namespace NatLab.Agents;

/// <summary>What one side tells the other: its credentials, and all of its candidates.</summary>
internal sealed record Description(string Fragment, string Password, IReadOnlyList<string> Candidates)
{
    /// <summary>The same as a command of the peer programs.</summary>
    public JsonObject ToCommand() => new()
    {
        ["cmd"] = "remote",
        ["ufrag"] = Fragment,
        ["pwd"] = Password,
        ["candidates"] = new JsonArray([.. Candidates.Select(static c => (JsonNode?)c)]),
        ["end"] = true,
    };
}
