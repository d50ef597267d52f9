using System.Text.Json.Serialization;

namespace Bench;

/// <summary>One figure.</summary>
internal sealed record BenchResult
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("value")]
    public required double Value { get; init; }

    [JsonPropertyName("unit")]
    public required string Unit { get; init; }

    /// <summary>What the value is compared with; null when there is nothing.</summary>
    [JsonPropertyName("baseline")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Baseline { get; init; }

    /// <summary>How the two compare: above 1 the value is the better one.</summary>
    [JsonPropertyName("ratio")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Ratio { get; init; }

    /// <summary>Bytes allocated per run, over all threads.</summary>
    [JsonPropertyName("allocated_bytes")]
    public required long AllocatedBytes { get; init; }

    [JsonPropertyName("settings")]
    public required IReadOnlyDictionary<string, string> Settings { get; init; }
}
