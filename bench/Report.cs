using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bench;

/// <summary>Prints figures, for people and for programs.</summary>
internal static class Report
{
    private const int Digits = 4;

    /// <summary>One line, one object: the members of the figure that counts, and <c>figures</c>, all of them.</summary>
    /// <param name="benchmark">The name on the command line.</param>
    /// <param name="figures">The figures; the first is the one that counts.</param>
    public static string ToJson(string benchmark, IReadOnlyList<BenchResult> figures)
    {
        JsonObject line = new() { ["benchmark"] = benchmark };
        foreach ((string name, JsonNode? value) in ToObject(figures[0]))
            line[name] = value?.DeepClone();
        line["figures"] = new JsonArray([.. figures.Select(ToObject)]);
        return line.ToJsonString();
    }

    public static void Print(TextWriter output, IReadOnlyList<BenchResult> figures)
    {
        int width = figures.Max(static figure => figure.Name.Length);
        foreach (BenchResult figure in figures)
        {
            string compared = figure.Ratio is { } ratio ? $"   baseline {Show(figure.Baseline)}, ratio {ratio:0.000}" : "";
            string against = figure.AgainstRatio is { } other ? $"   {figure.Against} {Show(figure.AgainstValue)}, ratio {other:0.000}" : "";
            output.WriteLine($"{figure.Name.PadRight(width)} {Show(figure.Value),10} {figure.Unit,-4} {figure.AllocatedBytes,10:0.##} B{compared}{against}");
        }

        foreach ((string name, string value) in figures.SelectMany(static figure => figure.Settings).DistinctBy(static setting => setting.Key))
            output.WriteLine($"  {name}: {value}");
    }

    private static string Show(double? value) => $"{Round(value ?? double.NaN):0.####}";

    private static JsonObject ToObject(BenchResult figure)
    {
        JsonObject all = JsonSerializer.SerializeToNode(figure)!.AsObject();
        foreach ((string name, JsonNode? value) in all.ToArray())
        {
            if (value?.GetValueKind() == JsonValueKind.Number)
                all[name] = Round(value.GetValue<double>());
        }

        return all;
    }

    // What comes after the fourth digit is noise.
    private static double Round(double value)
    {
        if (value == 0 || !double.IsFinite(value))
            return value;
        double digitsBefore = Math.Floor(Math.Log10(Math.Abs(value))) + 1;
        return Math.Round(value, (int)Math.Clamp(Digits - digitsBefore, 0, 15));
    }
}
