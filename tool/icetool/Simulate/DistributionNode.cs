using System.Text.Json;

namespace IceTool.Simulate;

/// <summary>An object of a distribution file, read with messages that say where what is wrong.</summary>
internal sealed class DistributionNode
{
    private readonly JsonElement _element;
    private readonly string _where;

    public DistributionNode(JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{where} has to be an object, in braces.");
        _element = element;
        _where = where;
    }

    /// <summary>Refuses every member that is not named: a misspelled one would be ignored otherwise.</summary>
    public void Allow(IReadOnlyCollection<string> names)
    {
        foreach (JsonProperty member in _element.EnumerateObject())
            if (!names.Contains(member.Name))
                throw new FormatException($"{_where} has a member '{member.Name}', which means nothing: there are {string.Join(", ", names)}.");
    }

    public string Text(string name, string otherwise) => !_element.TryGetProperty(name, out JsonElement value) ? otherwise
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : throw Wrong(name, value, "text in quotes");

    public bool Flag(string name, bool otherwise) => !_element.TryGetProperty(name, out JsonElement value) ? otherwise
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong(name, value, "true or false");

    public double Number(string name, double otherwise, double least, double greatest) =>
        _element.TryGetProperty(name, out JsonElement value) ? Number(name, value, least, greatest) : otherwise;

    public (double Least, double Greatest) Range(string name, double least, double greatest)
    {
        if (!_element.TryGetProperty(name, out JsonElement value))
            return (least, greatest);
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != 2)
            throw Wrong(name, value, "two numbers, such as [5, 30]");
        (double from, double to) = (Number(name, value[0], 0, 10_000), Number(name, value[1], 0, 10_000));
        return from <= to ? (from, to) : throw Wrong(name, value, "the least first");
    }

    public T Choice<T>(string name, T otherwise, IReadOnlyDictionary<string, T> words)
    {
        if (!_element.TryGetProperty(name, out JsonElement value))
            return otherwise;
        return value.ValueKind == JsonValueKind.String && words.TryGetValue(value.GetString()!, out T? choice)
            ? choice
            : throw Wrong(name, value, string.Join(", ", words.Keys.Select(static word => $"\"{word}\"")));
    }

    public IEnumerable<JsonElement> List(string name) => !_element.TryGetProperty(name, out JsonElement value) ? []
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray()
        : throw Wrong(name, value, "a list in brackets");

    private double Number(string name, JsonElement value, double least, double greatest) =>
        value.ValueKind == JsonValueKind.Number && value.GetDouble() is { } number && number >= least && number <= greatest
            ? number
            : throw Wrong(name, value, FormattableString.Invariant($"a number from {least} to {greatest}"));

    private FormatException Wrong(string name, JsonElement value, string expected) =>
        new($"{_where}: {name} is {value.GetRawText()}, and has to be {expected}.");
}
