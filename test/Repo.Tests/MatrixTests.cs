using Repo.Tests.Matrix;

namespace Repo.Tests;

/// <summary>docs/rfc says what is implemented where and which test shows it; these tests hold it to its word.</summary>
internal sealed class MatrixTests
{
    private static readonly MatrixChecker s_checker = new(
        new HashSet<string> { "ATests.It_works", "BTests.It_works_too" },
        static path => path is "src/A.cs" or "src/B.cs",
        "# Departures\n\n## RFC 9999 §2.2 and §4.1: a title\n\ntext about RFC 9999 §3\n");

    [Test]
    public void Every_row_resolves() => Assert.That(MatrixChecker.ForRepository().Check(MatrixReader.ReadAll()), Is.Empty);

    // A table that is not recognized would be held to nothing.
    [Test]
    public void Every_file_has_a_table_that_is_read()
    {
        Dictionary<string, int> rows = RepoRoot.Files("docs/rfc", ".md").ToDictionary(static path => path, static path => MatrixReader.Read(path, File.ReadAllLines(RepoRoot.File(path))).Count);

        Assert.That(rows.Where(static file => file.Value == 0).Select(static file => file.Key), Is.Empty);
        Assert.That(rows["docs/rfc/8445.md"], Is.GreaterThan(100));
    }

    [TestCase("| 2.1 | The agent MUST x | yes | src/A.cs | ATests.It_works |")]
    [TestCase("| 2.1 | The agent MUST x | yes | src/A.cs, src/B.cs | ATests.It_works, BTests.It_works_too |")]
    [TestCase("| §2.1 | The agent MUST x \\| y | yes | `src/A.cs` | `ATests.It_works` |")]
    [TestCase("| 2.2 | The agent MUST x | departs | src/A.cs | |")]
    [TestCase("| 4.1 | The agent MUST x | departs | src/A.cs | |")]
    [TestCase("| 2.1 | The agent MUST x | n/a | lite agents only | |")]
    [TestCase("| 2.1 | The agent MUST x | not yet | needs TURN | |")]
    public void A_good_row_is_accepted(string row) => Assert.That(s_checker.Check(Rows(row)), Is.Empty);

    [TestCase("| 2.1 | The agent MUST x | yes | src/Gone.cs | ATests.It_works |", "there is no file src/Gone.cs")]
    [TestCase("| 2.1 | The agent MUST x | yes | src/A.cs | ATests.It_is_gone |", "there is no test ATests.It_is_gone")]
    [TestCase("| 2.1 | The agent MUST x | yes | src/A.cs, src/Gone.cs | ATests.It_works |", "there is no file src/Gone.cs")]
    [TestCase("| 2.1 | The agent MUST x | yes | src/A.cs | ATests.It_works, CTests.X |", "there is no test CTests.X")]
    [TestCase("| 2.1 | The agent MUST x | yes | | ATests.It_works |", "no file is named")]
    [TestCase("| 2.1 | The agent MUST x | yes | src/A.cs | |", "no test is named")]
    [TestCase("| 3 | The agent MUST x | departs | src/A.cs | |", "departures.md has no heading")]
    [TestCase("| 2 | The agent MUST x | departs | src/A.cs | |", "departures.md has no heading")]
    [TestCase("| 2.1 | The agent MUST x | n/a | | |", "needs its reason")]
    [TestCase("| 2.1 | The agent MUST x | not yet | - | |", "needs its reason")]
    [TestCase("| 2.1 | The agent MUST x | mostly | src/A.cs | ATests.It_works |", "status 'mostly'")]
    [TestCase("| | The agent MUST x | yes | src/A.cs | ATests.It_works |", "must not be empty")]
    public void A_bogus_row_is_caught(string row, string problem) => Assert.That(s_checker.Check(Rows(row)), Has.Some.Contains(problem));

    [Test]
    public void A_row_with_a_missing_cell_is_caught() =>
        Assert.That(() => Rows("| 2.1 | The agent MUST x | yes | src/A.cs |"), Throws.TypeOf<FormatException>().With.Message.Contains("9999.md:3"));

    [Test]
    public void The_catalog_finds_the_tests_of_a_source_file()
    {
        string[] found = [.. TestCatalog.Parse(
        [
            "internal sealed class ATests",
            "    [Test]",
            "    public void It_works() => X();",
            "    public void Not_a_test()",
            "    [Test, Rfc(8445, \"7\")]",
            "    public async Task It_waits()",
            "    [TestCase(1)]",
            "    [TestCase(2)]",
            "    [Rfc(8445, \"7\")]",
            "    public async Task<int> With_cases(int n)",
            "internal sealed class BTests(int x)",
            "    [Test] public void On_one_line() { }",
            "    [OneTimeSetUp]",
            "    public void Prepare()",
        ])];

        Assert.That(found, Is.EqualTo(new[] { "ATests.It_works", "ATests.It_waits", "ATests.With_cases", "BTests.On_one_line" }));
    }

    [Test]
    public void The_catalog_knows_this_test() => Assert.That(TestCatalog.Read(), Does.Contain($"{nameof(MatrixTests)}.{nameof(The_catalog_knows_this_test)}"));

    private static List<MatrixRow> Rows(string row) => MatrixReader.Read("docs/rfc/9999.md", [MatrixRow.Header, "|---|---|---|---|---|", row]);
}
