using System.Text.Json;

namespace IceTool.Peer;

/// <summary>The fields of a JSON object, each of which may be absent (or null) but not of the wrong kind.</summary>
internal readonly struct JsonFields(JsonElement element)
{
    public bool Has(string name) => TryGet(name, out _);

    public string? Text(string name) => !TryGet(name, out JsonElement value)
        ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, "a string");

    public bool Bool(string name, bool absent) => !TryGet(name, out JsonElement value)
        ? absent
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, "true or false");

    public int Int(string name, int absent, int minimum, int maximum) => !TryGet(name, out JsonElement value)
        ? absent
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= minimum && number <= maximum
            ? number
            : throw Wrong(name, $"a whole number from {minimum} to {maximum}");

    /// <summary>The index of the chosen word; 0, the first, when the field is absent.</summary>
    public int Choice(string name, params string[] words)
    {
        if (!Has(name))
            return 0;
        int index = Array.IndexOf(words, Text(name));
        return index >= 0 ? index : throw Wrong(name, string.Join(" or ", words.Select(w => $"\"{w}\"")));
    }

    /// <summary>A nested object; null when the field is absent.</summary>
    public JsonFields? Object(string name) => !TryGet(name, out JsonElement value)
        ? null
        : value.ValueKind == JsonValueKind.Object ? new JsonFields(value) : throw Wrong(name, "an object");

    public string[] Texts(string name) => [.. Items(name, "a list of strings").Select(i => i.ValueKind == JsonValueKind.String ? i.GetString()! : throw Wrong(name, "a list of strings"))];

    public JsonFields[] Objects(string name) => [.. Items(name, "a list of objects").Select(i => i.ValueKind == JsonValueKind.Object ? new JsonFields(i) : throw Wrong(name, "a list of objects"))];

    private static FormatException Wrong(string name, string expected) => new($"\"{name}\" must be {expected}");

    private JsonElement[] Items(string name, string expected) => !TryGet(name, out JsonElement value)
        ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : throw Wrong(name, expected);

    private bool TryGet(string name, out JsonElement value) => element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
}
