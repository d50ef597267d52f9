namespace Repo.Tests;

internal sealed class CitationTests
{
    [Test]
    public void Every_citation_in_the_sources_has_the_one_form()
    {
        string[] problems = [.. RepoRoot.Files("src", ".cs").SelectMany(static path => Citations.Check(File.ReadAllLines(RepoRoot.File(path))).Select(problem => $"{path}:{problem}"))];

        Assert.That(problems, Is.Empty);
    }

    [Test]
    public void The_sources_quote_the_RFC_that_they_implement() =>
        Assert.That(RepoRoot.Files("src/Ice.Core", ".cs").Sum(static path => File.ReadLines(RepoRoot.File(path)).Count(static line => line.Contains("// RFC 8445 §", StringComparison.Ordinal))), Is.GreaterThan(30));

    [TestCase("    // RFC 8445 §7.2.5.2.1: \"The agent MUST do this.\"")]
    [TestCase("// RFC 8445 §B.2: \"Appendix text ... with a gap.\" And why it matters here.")]
    [TestCase("// RFC 8489 Appendix A: \"A function to extract the method from the message type:\"")]
    [TestCase("// draft-thatcher-ice-renomination-01 §3: \"A draft's sentence.\"")]
    [TestCase("/// <remarks>RFC 8445 says something.</remarks>")]
    [TestCase("// Elsewhere RFC 8445 is only mentioned.")]
    public void A_good_line_is_accepted(string line) => Assert.That(Citations.Check([line]), Is.Empty);

    [Test]
    public void A_quotation_may_go_on_in_the_next_line() =>
        Assert.That(Citations.Check(["// RFC 8445 §7: \"The agent", "// MUST do this.\" It does.", "x();"]), Is.Empty);

    [TestCase("// RFC 8445 section 7.2: \"The agent MUST do this.\"")]
    [TestCase("// RFC8445 §7.2: \"The agent MUST do this.\"")]
    [TestCase("//RFC 8445 §7.2: \"The agent MUST do this.\"")]
    [TestCase("// RFC 8445 §7.2 The agent MUST do this.")]
    [TestCase("// RFC 8445 §7.2: The agent MUST do this.")]
    [TestCase("// RFC 8445 §7.2.: \"The agent MUST do this.\"")]
    [TestCase("// RFC 8445: \"The agent MUST do this.\"")]
    [TestCase("// RFC 8445 §7.2: \"The agent MUST do this.")]
    [TestCase("// RFC 8445 §7.2: \"\"")]
    public void Another_form_is_caught(string line) => Assert.That(Citations.Check([line, "x();"]), Is.Not.Empty);
}
