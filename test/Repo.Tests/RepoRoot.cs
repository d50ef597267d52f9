namespace Repo.Tests;

/// <summary>The repository that these tests were built from, found by going up from the test assembly.</summary>
internal static class RepoRoot
{
    private static readonly string[] s_generated = ["artifacts", "bin", "obj", ".git", ".vs", ".idea", "node_modules", "TestResults", "__pycache__"];

    internal static string Directory { get; } = Find();

    /// <summary>The full path of a file, given with forward slashes from the root.</summary>
    internal static string File(string relative) => Path.Combine(Directory, relative.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Whether a file or folder exists with this very spelling, upper and lower case included.</summary>
    internal static bool Exists(string relative)
    {
        string folder = Directory;
        foreach (string part in relative.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string? found = System.IO.Directory.Exists(folder)
                ? System.IO.Directory.EnumerateFileSystemEntries(folder).FirstOrDefault(entry => Path.GetFileName(entry) == part)
                : null;
            if (found is null)
                return false;
            folder = found;
        }

        return true;
    }

    /// <summary>The files below a folder that are not generated, as paths from the root with forward slashes, in order.</summary>
    internal static IEnumerable<string> Files(string folder, params string[] extensions)
    {
        string start = File(folder);
        return System.IO.Directory.Exists(start)
            ? Walk(start).Where(path => extensions.Length == 0 || extensions.Contains(Path.GetExtension(path))).Select(Relative).Order(StringComparer.Ordinal)
            : [];
    }

    internal static string Relative(string path) => Path.GetRelativePath(Directory, path).Replace(Path.DirectorySeparatorChar, '/');

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (string file in System.IO.Directory.EnumerateFiles(folder))
            yield return file;
        foreach (string child in System.IO.Directory.EnumerateDirectories(folder))
        {
            if (s_generated.Contains(Path.GetFileName(child)))
                continue;
            foreach (string file in Walk(child))
                yield return file;
        }
    }

    private static string Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (System.IO.File.Exists(Path.Combine(folder, "Ice.sln")))
                return folder;
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds Ice.sln: run the tests from a checkout of the repository.");
    }
}
