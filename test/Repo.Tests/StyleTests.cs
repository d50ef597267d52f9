namespace Repo.Tests;

/// <summary>Style that cannot rot: words that must not come back.</summary>
internal sealed class StyleTests
{
    // Put together, so that this file does not hold what it forbids.
    private static readonly string[] s_bannedInTests =
    [
        "TO" + "DO", "FIX" + "ME", "Thread" + ".Sleep", "Task" + ".Delay", "[Ign" + "ore", "[Exp" + "licit", "Assert" + ".Ignore", "Assert" + ".Inconclusive", "Assume" + ".That",
    ];

    private static readonly string[] s_bannedInSources = ["TO" + "DO", "FIX" + "ME", "Thread" + ".Sleep", "NotImplemented" + "Exception", "async " + "void", "#reg" + "ion"];

    private static readonly string[] s_machinePaths = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/tmp/con" + "tract", "C:\\Us" + "ers", "/Us" + "ers/"];

    private static readonly string[] s_text = [".cs", ".csproj", ".props", ".targets", ".sln", ".md", ".txt", ".json", ".yml", ".js", ".html", ".css", ".sh", ".py", ".editorconfig", ""];

    [Test]
    public void Tests_neither_wait_nor_skip() => Assert.That(Find(RepoRoot.Files("test", ".cs"), s_bannedInTests), Is.Empty);

    [Test]
    public void Sources_leave_nothing_for_later() => Assert.That(Find(RepoRoot.Files("src", ".cs"), s_bannedInSources), Is.Empty);

    [Test]
    public void No_file_names_a_path_of_somebodys_machine() => Assert.That(Find(RepoRoot.Files(".", s_text), s_machinePaths), Is.Empty);

    [Test]
    public void A_forbidden_word_is_found_with_its_line() =>
        Assert.That(FindIn("a.cs", ["x", "await Task" + ".Delay(1);"], s_bannedInTests), Is.EqualTo(new[] { "a.cs:2: await Task" + ".Delay(1);" }));

    [Test]
    public void The_search_sees_the_files() => Assert.That(RepoRoot.Files("test", ".cs"), Does.Contain($"test/Repo.Tests/{nameof(StyleTests)}.cs"));

    private static IEnumerable<string> Find(IEnumerable<string> paths, string[] words) =>
        paths.SelectMany(path => FindIn(path, File.ReadAllLines(RepoRoot.File(path)), words));

    private static IEnumerable<string> FindIn(string path, string[] lines, string[] words)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            if (words.Any(word => lines[i].Contains(word, StringComparison.Ordinal)))
                yield return $"{path}:{i + 1}: {lines[i].Trim()}";
        }
    }
}
