using System.Text.RegularExpressions;

namespace Repo.Tests;

/// <summary>The names of all tests in the repository, <c>ClassName.Method_name</c>, read from the sources: nothing needs to be built or run for it.</summary>
internal static partial class TestCatalog
{
    // The adapters' tests stand beside them: not every machine can build them.
    private static readonly string[] s_folders = ["test", "interop/adapters"];

    internal static IReadOnlySet<string> Read() =>
        s_folders.SelectMany(static folder => RepoRoot.Files(folder, ".cs")).SelectMany(static path => Parse(File.ReadAllLines(RepoRoot.File(path)))).ToHashSet();

    /// <summary>The tests in one source file.</summary>
    internal static IEnumerable<string> Parse(IEnumerable<string> lines)
    {
        string type = "";
        bool attributed = false;
        foreach (string line in lines)
        {
            if (ClassDeclaration().Match(line) is { Success: true } declaration)
            {
                type = declaration.Groups[1].Value;
                attributed = false;
            }
            else if (TestAttribute().IsMatch(line))
            {
                attributed = true;
            }

            // The attribute may stand on the method's own line.
            if (attributed && Method().Match(line) is { Success: true } method)
            {
                yield return $"{type}.{method.Groups[1].Value}";
                attributed = false;
            }
        }
    }

    [GeneratedRegex(@"^\s*(?:[a-z]+ )*class (\w+)")]
    private static partial Regex ClassDeclaration();

    [GeneratedRegex(@"^\s*\[(?:.*\W)?(?:Test|TestCase|TestCaseSource|Theory)\b")]
    private static partial Regex TestAttribute();

    [GeneratedRegex(@"^\s*(?:\[.*\]\s*)?public (?:async |static |unsafe )*[\w<>,.?\[\]]+ (\w+)\(")]
    private static partial Regex Method();
}
