using System.Text.RegularExpressions;

namespace Repo.Tests;

internal sealed partial class ReadmeTests
{
    [Test]
    public void The_sample_in_the_README_is_the_program_that_the_solution_builds()
    {
        string program = File.ReadAllText(RepoRoot.File("samples/Echo/Program.cs")).ReplaceLineEndings("\n").Trim();

        Assert.That(CodeBlocks("README.md"), Does.Contain(program));
        Assert.That(File.ReadAllText(RepoRoot.File("Ice.sln")), Does.Contain("Echo.csproj"));
    }

    [Test]
    public void Every_file_that_the_documents_link_to_exists()
    {
        IEnumerable<string> documents = RepoRoot.Files("docs", ".md").Concat(["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]);
        IEnumerable<string> broken = documents.SelectMany(static document => Links(document).Where(link => !RepoRoot.Exists(Resolve(document, link))).Select(link => $"{document}: {link}"));

        Assert.That(broken, Is.Empty);
    }

    [Test]
    public void Every_source_file_that_the_documents_name_exists()
    {
        IEnumerable<string> documents = RepoRoot.Files("docs", ".md").Concat(["README.md", "CONTRIBUTING.md"]);
        IEnumerable<string> named = documents.SelectMany(static document => File.ReadAllText(RepoRoot.File(document)).Split('`').Where(static text => SourcePath().IsMatch(text)).Distinct());

        Assert.That(named, Is.Not.Empty);
        Assert.That(named.Where(static path => !RepoRoot.Exists(path)), Is.Empty);
    }

    [GeneratedRegex(@"^(?:src|test|tool|samples|interop|bench|docs)/[\w./-]+$")]
    private static partial Regex SourcePath();

    private static List<string> CodeBlocks(string document)
    {
        var blocks = new List<string>();
        string[] parts = File.ReadAllText(RepoRoot.File(document)).ReplaceLineEndings("\n").Split("\n```");
        for (int i = 1; i < parts.Length; i += 2)
        {
            if (parts[i].StartsWith("csharp\n", StringComparison.Ordinal))
                blocks.Add(parts[i]["csharp\n".Length..].Trim());
        }

        return blocks;
    }

    private static IEnumerable<string> Links(string document)
    {
        string[] parts = File.ReadAllText(RepoRoot.File(document)).Split("](");
        return parts.Skip(1)
            .Select(static part => part[..part.IndexOf(')', StringComparison.Ordinal)].Split('#')[0])
            .Where(static link => link.Length > 0 && !link.Contains(':', StringComparison.Ordinal));
    }

    private static string Resolve(string document, string link)
    {
        string folder = Path.GetDirectoryName(document) ?? "";
        return RepoRoot.Relative(Path.GetFullPath(Path.Combine(RepoRoot.Directory, folder, link)));
    }
}
