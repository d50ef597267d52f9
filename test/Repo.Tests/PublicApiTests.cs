using System.Reflection;
using Repo.Tests.PublicApi;

namespace Repo.Tests;

/// <summary>
/// The public surface of every product assembly equals api/(assembly).txt, so that a change of it is seen in review.
/// To accept a change: <c>UPDATE_API=1 dotnet test test/Repo.Tests</c>, then look at the difference and commit it.
/// </summary>
internal sealed class PublicApiTests
{
    private static IEnumerable<string> Products => RepoRoot.Files("src", ".csproj").Select(static path => Path.GetFileNameWithoutExtension(path));

    [OneTimeSetUp]
    public void Record_when_asked_to()
    {
        if (Environment.GetEnvironmentVariable("UPDATE_API") != "1")
            return;
        string folder = RepoRoot.File("api");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        foreach (string product in Products)
            File.WriteAllText(Path.Combine(folder, product + ".txt"), ApiWriter.Write(Assembly.Load(product)));
    }

    [TestCaseSource(nameof(Products))]
    public void The_public_surface_is_the_recorded_one(string product)
    {
        string path = RepoRoot.File($"api/{product}.txt");
        string actual = ApiWriter.Write(Assembly.Load(product));
        string[] recorded = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n").Split('\n') : [];
        string[] lines = actual.Split('\n');
        Assert.That(lines.Except(recorded).Select(static line => "+ " + line).Concat(recorded.Except(lines).Select(static line => "- " + line)), Is.Empty, "UPDATE_API=1 dotnet test test/Repo.Tests records the change");
        Assert.That(lines, Is.EqualTo(recorded));
    }

    [Test]
    public void Every_record_belongs_to_a_product() =>
        Assert.That(RepoRoot.Files("api", ".txt").Select(static path => Path.GetFileNameWithoutExtension(path)), Is.EquivalentTo(Products));

    [Test]
    public void The_writer_shows_what_a_user_sees_and_nothing_else()
    {
        string text = ApiWriter.Write(typeof(ApiSample).Assembly);

        Assert.That(text, Does.Contain("""
            sealed class Repo.Tests.PublicApi.ApiSample : System.IDisposable
                .ctor(string name)
                const int Limit = 5
                event System.EventHandler Changed
                int Count { get; init; }
                required string Name { get; init; }
                static bool TryParse(System.ReadOnlySpan<char> text, out Repo.Tests.PublicApi.ApiSample.Kind kind, int limit = 3)
                void Dispose()
            enum Repo.Tests.PublicApi.ApiSample.Kind : byte
                One = 1
                Two = 2

            """.ReplaceLineEndings("\n")));
        Assert.That(text, Does.Not.Contain(nameof(PublicApiTests)), "internal types are not shown");
        Assert.That(text, Does.Not.Contain("Hidden"));
    }
}
