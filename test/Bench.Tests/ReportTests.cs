using System.Text.Json.Nodes;

namespace Bench.Tests;

internal sealed class ReportTests
{
    private static readonly Dictionary<string, string> s_settings = new() { ["Ta"] = "50 ms" };

    [Test]
    public void A_program_gets_one_line_with_one_object()
    {
        string text = Report.ToJson("connect", [Figure("connect.p50", 0.123456789), Figure("connect.p95", 2)]);

        Assert.That(text, Does.Not.Contain('\n'));
        JsonObject line = JsonNode.Parse(text)!.AsObject();
        Assert.That((string?)line["name"], Is.EqualTo("connect.p50"));
        Assert.That((double?)line["value"], Is.EqualTo(0.1235));
        Assert.That((string?)line["unit"], Is.EqualTo("ms"));
        Assert.That((double?)line["allocated_bytes"], Is.Zero);
        Assert.That((string?)line["settings"]!["Ta"], Is.EqualTo("50 ms"));
        Assert.That(line["figures"]!.AsArray().Select(static figure => (string?)figure!["name"]), Is.EqualTo(new[] { "connect.p50", "connect.p95" }));
    }

    [Test]
    public void The_ratio_is_value_by_baseline()
    {
        JsonObject line = Line(Figure("a", 3) with { Baseline = 2, Against = "pion", AgainstValue = 12 });

        Assert.That((double?)line["baseline"], Is.EqualTo(2));
        Assert.That((double?)line["ratio"], Is.EqualTo(1.5));
        Assert.That((string?)line["against"], Is.EqualTo("pion"));
        Assert.That((double?)line["against_value"], Is.EqualTo(12));
        Assert.That((double?)line["against_ratio"], Is.EqualTo(0.25));
    }

    [Test]
    public void What_is_not_compared_says_so()
    {
        JsonObject line = Line(Figure("a", 3));

        Assert.That(line.ContainsKey("baseline") && line["baseline"] is null);
        Assert.That(line.ContainsKey("ratio") && line["ratio"] is null);
        Assert.That(line.ContainsKey("against"), Is.False);
    }

    [TestCase(123456, 123456)]
    [TestCase(12.34567, 12.35)]
    [TestCase(0.000123456, 0.0001235)]
    [TestCase(0, 0)]
    public void Four_digits_are_given_and_whole_numbers_whole(double value, double expected) => Assert.That((double?)Line(Figure("a", value))["value"], Is.EqualTo(expected));

    [Test]
    public void A_person_gets_a_line_for_each_figure_and_the_settings_once()
    {
        using StringWriter output = new();
        Report.Print(output, [Figure("a", 3) with { Baseline = 2 }, Figure("b", 1)]);

        string[] lines = output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(3));
        Assert.That(lines[0], Does.Contain("baseline 2, ratio 1.500"));
        Assert.That(lines[2], Is.EqualTo("  Ta: 50 ms"));
    }

    private static JsonObject Line(BenchResult figure) => JsonNode.Parse(Report.ToJson("x", [figure]))!.AsObject();

    private static BenchResult Figure(string name, double value) => new() { Name = name, Value = value, Unit = "ms", AllocatedBytes = 0, Settings = s_settings };
}
