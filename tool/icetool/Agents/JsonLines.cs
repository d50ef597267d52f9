using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IceTool.Agents;

/// <summary>Writes one JSON object a line. Thread-safe; each line is out before the call returns.</summary>
internal sealed class JsonLines(TextWriter output)
{
    // Not for HTML: umlauts and quotes stay readable.
    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _gate = new();

    public void Write(JsonObject line)
    {
        string text = ToText(line);
        lock (_gate)
        {
            output.WriteLine(text);
            output.Flush();
        }
    }

    public static string ToText(JsonNode node) => node.ToJsonString(s_options);
}
