using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace Repo.Tests;

/// <summary>References point downward only (docs/ARCHITECTURE.md): what a project may refer to, and nothing else.</summary>
internal sealed partial class ReferenceGraphTests
{
    private const string Logging = "Microsoft.Extensions.Logging.Abstractions";

    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Stun"] = [],
        ["Turn"] = ["Stun"],
        ["Ice.Core"] = ["Stun", "Turn"],
        ["Ice.Net"] = [],
        ["Ice"] = ["Ice.Core", "Turn", "Stun", "Ice.Net", Logging],
        ["Ice.PortMapping"] = ["Ice.Net", Logging],
        ["Ice.Server"] = ["Turn", "Stun", "Ice.Net", Logging],
        ["Ice.Simulation"] = ["Ice.Core", "Turn", "Stun"],
    };

    private static IEnumerable<string> Products => RepoRoot.Files("src", ".csproj").Select(static path => Path.GetFileNameWithoutExtension(path));

    [TestCaseSource(nameof(Products))]
    public void An_assembly_refers_to_nothing_but_what_the_graph_allows(string product)
    {
        Assert.That(s_allowed, Does.ContainKey(product), "a new product needs its place in the graph");
        Assert.That(AssemblyReferences(product).Where(static name => !IsFramework(name)), Is.SubsetOf(s_allowed[product]));
    }

    // The compiler drops references that nothing uses, so the project files are looked at too.
    [TestCaseSource(nameof(Products))]
    public void A_project_refers_to_nothing_but_what_the_graph_allows(string product)
    {
        string text = File.ReadAllText(RepoRoot.File($"src/{product}/{product}.csproj"));

        Assert.That(ProjectReference().Matches(text).Select(static match => match.Groups[1].Value), Is.SubsetOf(s_allowed[product]));
        Assert.That(PackageReference().Matches(text).Select(static match => match.Groups[1].Value), Is.SubsetOf(s_allowed[product]), "the runtime dependency budget is Logging.Abstractions alone");
    }

    [TestCaseSource(nameof(Products))]
    public void Internals_are_visible_to_tests_and_from_Ice_Core_to_Ice_only(string product)
    {
        string text = File.ReadAllText(RepoRoot.File($"src/{product}/{product}.csproj"));

        foreach (string friend in InternalsVisibleTo().Matches(text).Select(static match => match.Groups[1].Value))
            Assert.That(friend.EndsWith(".Tests", StringComparison.Ordinal) || (product == "Ice.Core" && friend == "Ice"), Is.True, $"{product} -> {friend}");
        Assert.That(RepoRoot.Files($"src/{product}", ".cs").Where(static path => File.ReadAllText(RepoRoot.File(path)).Contains("InternalsVisibleTo(", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCaseSource(nameof(Products))]
    public void Unsafe_code_is_in_Ice_Net_only(string product)
    {
        bool allowed = File.ReadAllText(RepoRoot.File($"src/{product}/{product}.csproj")).Contains("AllowUnsafeBlocks", StringComparison.Ordinal);

        Assert.That(allowed, Is.False.Or.EqualTo(product == "Ice.Net"));
    }

    private static List<string> AssemblyReferences(string product)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, product + ".dll"));
        using var image = new PEReader(file);
        MetadataReader metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    private static bool IsFramework(string name) => name.StartsWith("System.", StringComparison.Ordinal) || name is "System" or "Microsoft.Win32.Primitives";

    [GeneratedRegex("""<ProjectReference Include="\.\./([^/"]+)/""")]
    private static partial Regex ProjectReference();

    [GeneratedRegex("<PackageReference Include=\"([^\"]+)\"")]
    private static partial Regex PackageReference();

    [GeneratedRegex("<InternalsVisibleTo Include=\"([^\"]+)\"")]
    private static partial Regex InternalsVisibleTo();
}
