namespace Bench.Tests;

internal sealed class CommandLineTests
{
    private static readonly IBenchmark[] s_benchmarks = [new FakeBenchmark("alone"), new FakeBenchmark("compared", "pion", "libnice")];

    [Test]
    public void Everything_that_can_be_said_is_understood_in_any_order()
    {
        CommandLine line = Parse("--json --runs 7 compared --against pion --portable");

        Assert.That(line.Problem, Is.Null);
        Assert.That(line.Benchmark, Is.SameAs(s_benchmarks[1]));
        Assert.That((line.Json, line.Runs, line.Against, line.Portable, line.Help), Is.EqualTo((true, 7, "pion", true, false)));
    }

    [Test]
    public void What_is_not_said_is_left_to_the_benchmark()
    {
        CommandLine line = Parse("alone");

        Assert.That((line.Problem, line.Json, line.Runs, line.Against, line.Portable), Is.EqualTo(((string?)null, false, (int?)null, (string?)null, false)));
    }

    [TestCase("--help")]
    [TestCase("alone -h")]
    [TestCase("nonsense --help")]
    public void Help_is_given_when_it_is_asked_for(string words) => Assert.That(Parse(words).Help);

    [TestCase("", "Name a benchmark.")]
    [TestCase("alone compared", "One benchmark at a time: 'alone' or 'compared'.")]
    [TestCase("nonsense", "There is no benchmark 'nonsense'. There are: alone, compared.")]
    [TestCase("alone --fast", "There is no option '--fast'.")]
    [TestCase("alone --runs", "--runs needs a whole number above 0: --runs 200")]
    [TestCase("alone --runs 0", "--runs needs a whole number above 0: --runs 200")]
    [TestCase("alone --runs -5", "--runs needs a whole number above 0: --runs 200")]
    [TestCase("compared --against", "--against needs the name of a peer: --against pion")]
    [TestCase("alone --against pion", "'alone' is not run against a peer.")]
    [TestCase("compared --against juice", "'compared' is not run against 'juice', but against: pion, libnice.")]
    public void What_cannot_be_done_is_refused_with_what_would_be_right(string words, string problem) => Assert.That(Parse(words).Problem, Is.EqualTo(problem));

    private static CommandLine Parse(string words) => CommandLine.Parse(words.Split(' ', StringSplitOptions.RemoveEmptyEntries), s_benchmarks);
}
