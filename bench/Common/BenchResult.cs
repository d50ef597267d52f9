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

    /// <summary>Bytes allocated per operation, over all threads.</summary>
    [JsonPropertyName("allocated_bytes")]
    public required double AllocatedBytes { get; init; }

    /// <summary>What the value is compared with, measured in the same run and in the same unit; null when there is nothing. The settings say what it is.</summary>
    [JsonPropertyName("baseline")]
    public double? Baseline { get; init; }

    /// <summary>Value / baseline.</summary>
    [JsonPropertyName("ratio")]
    public double? Ratio => Baseline is { } baseline ? Value / baseline : null;

    /// <summary>The program that <c>--against</c> named; null without.</summary>
    [JsonPropertyName("against")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Against { get; init; }

    /// <summary>That program's figure of the same run.</summary>
    [JsonPropertyName("against_value")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AgainstValue { get; init; }

    /// <summary>Value / that program's figure.</summary>
    [JsonPropertyName("against_ratio")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AgainstRatio => AgainstValue is { } other ? Value / other : null;

    [JsonPropertyName("settings")]
    public required IReadOnlyDictionary<string, string> Settings { get; init; }
}
