using System.Text.Json.Nodes;
using System.Xml.Linq;
using Ice.Simulation;
using IceTool.Simulate;

namespace IceTool.Tests;

[TestFixture]
[CancelAfter(60_000)]
internal sealed class SimulateTests
{
    private const string SmallGrid = """{ "kinds": [{ "name": "open", "access": "public" }, { "name": "shut", "access": "closed" }] }""";

    private const string HardAgainstEasy = """
        { "kinds": [{ "name": "easy", "weight": 2 }, { "name": "sequential", "mapping": "address-and-port-dependent", "ports": "sequential" },
                    { "name": "random", "mapping": "address-and-port-dependent", "ports": "random" }] }
        """;

    [Test]
    public async Task The_same_seed_gives_the_same_figures_whatever_the_number_of_threads(CancellationToken cancellationToken)
    {
        string one = await OutputAsync(cancellationToken, "simulate", "--sessions", "250", "--seed", "7", "--threads", "1", "--json");
        string four = await OutputAsync(cancellationToken, "simulate", "--sessions", "250", "--seed", "7", "--threads", "4", "--json");
        string other = await OutputAsync(cancellationToken, "simulate", "--sessions", "250", "--seed", "8", "--json");
        JsonObject figures = JsonNode.Parse(one)!.AsObject();
        Assert.Multiple(() =>
        {
            Assert.That(four, Is.EqualTo(one));
            Assert.That(other, Is.Not.EqualTo(one));
            Assert.That((long)figures["sessions"]!, Is.EqualTo(250));
            Assert.That((long)figures["unexpected"]!, Is.Zero, one);
            Assert.That((double)figures["direct"]! + (double)figures["relayed"]! + (double)figures["failed"]!, Is.EqualTo(1).Within(1e-5));
            Assert.That((double)figures["direct"]!, Is.InRange(0.5, 0.95));
            Assert.That((double)figures["timeMs"]!["all"]!["p50"]!, Is.InRange(100, 2_000));
        });
    }

    [Test]
    public async Task The_grid_is_whole_and_its_page_and_pictures_can_be_opened(CancellationToken cancellationToken)
    {
        using var directory = new TemporaryDirectory();
        string output = await OutputAsync(cancellationToken, "simulate", "grid", "--runs", "1", "--out", directory.Path);
        Assert.That(output, Does.Contain("169 sessions").And.Contain("without prediction").And.Contain("every session ended as the oracle had said").And.Contain("public – EIM/EIF"));
        foreach (string name in new[] { "direct-by-pair.svg", "ends-by-pair.svg", "time-to-connect.svg" })
        {
            var svg = XDocument.Load(System.IO.Path.Combine(directory.Path, name));
            Assert.That(svg.Root!.Name.LocalName, Is.EqualTo("svg"));
            Assert.That(svg.Descendants().Count(), Is.GreaterThan(20));
        }

        string page = await File.ReadAllTextAsync(System.IO.Path.Combine(directory.Path, "index.html"), cancellationToken);
        Assert.That(page, Does.StartWith("<!DOCTYPE html>").And.Contain("prefers-color-scheme: dark").And.Contain("APDM/APDF").And.Not.Contain("<script").And.Not.Contain("src="));
    }

    [Test]
    public async Task The_same_sessions_are_compared_without_and_with_prediction_and_guessing(CancellationToken cancellationToken)
    {
        using var directory = new TemporaryDirectory();
        string file = directory.Write("hard.json", HardAgainstEasy);
        JsonObject figures = JsonNode.Parse(await OutputAsync(cancellationToken, "simulate", "-n", "60", "-d", file, "--compare", "--guess-sockets", "256", "--json", "--out", directory.Path))!.AsObject();
        JsonObject[] variants = [.. figures["variants"]!.AsArray().Select(static variant => variant!.AsObject())];
        double[] direct = [.. variants.Select(static variant => (double)variant["direct"]!)];
        string page = await File.ReadAllTextAsync(System.IO.Path.Combine(directory.Path, "index.html"), cancellationToken);
        Assert.Multiple(() =>
        {
            Assert.That(variants.Select(static variant => (string)variant["variant"]!), Is.EqualTo(new[] { "plain", "prediction", "guessing" }));
            Assert.That(direct[1], Is.GreaterThan(direct[0] + 0.05), "sequential NATs");
            Assert.That(direct[2], Is.GreaterThan(direct[1] + 0.05), "random ones");
            Assert.That(variants.Select(static variant => (long)variant["unexpected"]!), Is.All.Zero);
            Assert.That((long)variants[0]["probes"]!["sent"]!, Is.Zero);
            Assert.That((long)variants[2]["probes"]!["sent"]!, Is.Positive);
            Assert.That(page, Does.Contain("without prediction").And.Contain("with prediction and 256 sockets").And.Contain("type=\"radio\"").And.Not.Contain("<script"));
            foreach (string name in new[] { "shares.svg", "direct-by-pair.svg", "direct-by-pair-prediction.svg", "direct-by-pair-guessing.svg" })
                Assert.That(XDocument.Load(System.IO.Path.Combine(directory.Path, name)).Root!.Name.LocalName, Is.EqualTo("svg"));
        });
    }

    [Test]
    public async Task One_side_with_prediction_is_between_none_and_both(CancellationToken cancellationToken)
    {
        using var directory = new TemporaryDirectory();
        string file = directory.Write("hard.json", HardAgainstEasy);
        var direct = new List<double>();
        foreach (string[] option in new string[][] { [], ["--prediction", "one-side"], ["--prediction"] })
            direct.Add((double)JsonNode.Parse(await OutputAsync(cancellationToken, ["simulate", "-n", "60", "-d", file, .. option, "--json"]))!["direct"]!);
        Assert.That(direct[1], Is.GreaterThan(direct[0]).And.LessThanOrEqualTo(direct[2]));
    }

    [Test]
    public async Task A_distribution_of_ones_own_is_used_and_failures_are_counted(CancellationToken cancellationToken)
    {
        using var directory = new TemporaryDirectory();
        string file = directory.Write("mine.json", SmallGrid);
        JsonNode figures = JsonNode.Parse(await OutputAsync(cancellationToken, "simulate", "-n", "60", "-d", file, "--json"))!;
        JsonObject[] pairs = [.. figures["pairs"]!.AsArray().Select(static pair => pair!.AsObject())];
        Assert.Multiple(() =>
        {
            Assert.That(pairs, Has.Length.EqualTo(3));
            foreach (JsonObject pair in pairs)
                Assert.That((long)pair[(string?)pair["a"] == "open" && (string?)pair["b"] == "open" ? "direct" : "failed"]!, Is.Positive, pair.ToJsonString());
            Assert.That((double)figures["failed"]!, Is.GreaterThan(0.4));
        });
    }

    [Test]
    public async Task One_session_is_captured(CancellationToken cancellationToken)
    {
        using var directory = new TemporaryDirectory();
        string file = System.IO.Path.Combine(directory.Path, "one.pcapng");
        string output = await OutputAsync(cancellationToken, "simulate", "--session", "17", "--pcap", file);
        byte[] capture = await File.ReadAllBytesAsync(file, cancellationToken);
        Assert.Multiple(() =>
        {
            Assert.That(output, Does.Contain("Session 17").And.Contain("oracle").And.Contain("one.pcapng"));
            Assert.That(capture.Take(4), Is.EqualTo(new byte[] { 0x0A, 0x0D, 0x0D, 0x0A }), "a section header block");
            Assert.That(capture, Has.Length.GreaterThan(2_000));
        });
    }

    [TestCase("nonsense", "is not JSON")]
    [TestCase("[]", "the top level has to be an object")]
    [TestCase("{}", "needs kinds of sites")]
    [TestCase("""{ "kinds": [{ "name": "x", "weight": -1 }] }""", "weight is -1, and has to be a number from 0")]
    [TestCase("""{ "kinds": [{ "name": "x", "mapping": "symmetric" }] }""", "mapping is \"symmetric\", and has to be \"endpoint-independent\"")]
    [TestCase("""{ "kinds": [{ "name": "x", "wieght": 1 }] }""", "has a member 'wieght', which means nothing")]
    [TestCase("""{ "kinds": [{ "name": "x", "latencyMs": [30, 5] }] }""", "the least first")]
    [TestCase("""{ "kinds": [{ "name": "x", "outer": [{ "hairpin": "yes" }] }] }""", "kinds[0] (x) outer[0]: hairpin is \"yes\"")]
    public void A_distribution_that_cannot_be_is_refused_with_the_place_and_what_is_expected(string text, string expected) =>
        Assert.That(() => DistributionFile.Parse(text, "mine.json"), Throws.TypeOf<FormatException>().With.Message.Contains(expected).And.Message.Contains("mine.json"));

    [Test]
    public async Task A_bad_distribution_file_exits_with_2_and_says_why(CancellationToken cancellationToken)
    {
        using var directory = new TemporaryDirectory();
        foreach (string file in new[] { directory.Write("bad.json", "{"), System.IO.Path.Combine(directory.Path, "missing.json") })
        {
            (int exitCode, string output, string errors) = await ToolProcess.RunAsync(cancellationToken, "simulate", "--distribution", file);
            Assert.That(exitCode, Is.EqualTo(2));
            Assert.That(output, Is.Empty);
            Assert.That(errors, Does.Contain(System.IO.Path.GetFileName(file)).And.Contain("--help"));
        }
    }

    [TestCase("simulate", "--sessions", "0")]
    [TestCase("simulate", "--session", "10000", "--pcap", "x.pcapng")]
    [TestCase("simulate", "grid", "--families", "ipx")]
    [TestCase("simulate", "--threads", "0")]
    [TestCase("simulate", "--prediction", "neither")]
    [TestCase("simulate", "--guess-sockets", "256")]
    [TestCase("simulate", "--guess-sockets", "-1", "--prediction")]
    [TestCase("simulate", "--compare", "--pcap", "x.pcapng")]
    public async Task A_wrong_value_is_named(params string[] arguments)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        (int exitCode, _, string errors) = await ToolProcess.RunAsync(patience.Token, arguments);
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.Contain(arguments.First(static a => a.StartsWith("--", StringComparison.Ordinal))));
    }

    [Test]
    public void The_distribution_that_comes_with_the_program_adds_up_to_a_hundred() =>
        Assert.That(DistributionFile.Default.Kinds.Sum(static kind => kind.Weight), Is.EqualTo(100).Within(1e-9));

    [Test]
    public void Percentiles_are_those_of_the_times_that_were_counted()
    {
        var histogram = new TimeHistogram();
        foreach (int milliseconds in Enumerable.Range(1, 200))
            histogram.Add(TimeSpan.FromMilliseconds(milliseconds));
        Assert.Multiple(() =>
        {
            Assert.That(histogram.Percentile(0.5), Is.EqualTo(TimeSpan.FromMilliseconds(100)));
            Assert.That(histogram.Percentile(0.95), Is.EqualTo(TimeSpan.FromMilliseconds(190)));
            Assert.That(histogram.Percentile(1), Is.EqualTo(TimeSpan.FromMilliseconds(200)));
            Assert.That(histogram.ShareWithin(TimeSpan.FromMilliseconds(50)), Is.EqualTo(0.25));
            Assert.That(new TimeHistogram().Percentile(0.5), Is.Null);
        });
    }

    private static async Task<string> OutputAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        (int exitCode, string output, string errors) = await ToolProcess.RunAsync(cancellationToken, arguments);
        Assert.That(exitCode, Is.Zero, output + errors);
        return output;
    }

    private sealed class TemporaryDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("ice-simulate-").FullName;

        public string Write(string name, string text)
        {
            string file = System.IO.Path.Combine(Path, name);
            File.WriteAllText(file, text);
            return file;
        }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
