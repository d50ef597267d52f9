namespace Repo.Tests.Matrix;

/// <summary>Whether what the tables of docs/rfc claim can be found in the repository.</summary>
/// <param name="Tests">All tests, as <c>ClassName.Method_name</c>.</param>
/// <param name="FileExists">Whether a path from the root exists.</param>
/// <param name="Departures">The text of docs/departures.md.</param>
internal sealed record MatrixChecker(IReadOnlySet<string> Tests, Func<string, bool> FileExists, string Departures)
{
    internal static MatrixChecker ForRepository() => new(
        TestCatalog.Read(),
        RepoRoot.Exists,
        RepoRoot.Exists("docs/departures.md") ? File.ReadAllText(RepoRoot.File("docs/departures.md")) : "");

    /// <summary>What is wrong with the rows, one sentence each.</summary>
    internal IEnumerable<string> Check(IEnumerable<MatrixRow> rows) => rows.SelectMany(Check);

    private IEnumerable<string> Check(MatrixRow row)
    {
        if (row.Section.Length == 0 || row.Requirement.Length == 0)
            yield return $"{row}: section and requirement must not be empty.";
        switch (row.Status)
        {
            case "yes":
                foreach (string problem in CheckFiles(row).Concat(CheckTests(row)))
                    yield return problem;
                break;
            case "departs":
                if (!HasDeparture(row))
                    yield return $"{row}: departs, but docs/departures.md has no heading with 'RFC {row.Rfc} §{row.Section}'.";
                break;
            case "n/a" or "not yet":
                if (row.Where.Length < 3)
                    yield return $"{row}: '{row.Status}' needs its reason in the column 'where'.";
                break;
            default:
                yield return $"{row}: status '{row.Status}' is none of yes, departs, n/a, not yet.";
                break;
        }
    }

    private IEnumerable<string> CheckFiles(MatrixRow row)
    {
        string[] files = Split(row.Where);
        if (files.Length == 0)
            yield return $"{row}: yes, but no file is named.";
        foreach (string file in files)
        {
            if (!FileExists(file))
                yield return $"{row}: there is no file {file}.";
        }
    }

    private IEnumerable<string> CheckTests(MatrixRow row)
    {
        string[] tests = Split(row.Test);
        if (tests.Length == 0)
            yield return $"{row}: yes, but no test is named.";
        foreach (string test in tests)
        {
            if (!Tests.Contains(test))
                yield return $"{row}: there is no test {test}.";
        }
    }

    // A heading may name several sections: "## RFC 8445 §6.1.4.2 and §14.2: a title".
    private bool HasDeparture(MatrixRow row) => Departures.Split('\n').Any(line =>
        line.StartsWith('#') && line.Contains($"RFC {row.Rfc} ", StringComparison.Ordinal) && Names(line, $"§{row.Section}"));

    // §7.2 is not §7.2.5.
    private static bool Names(string line, string section)
    {
        for (int at = line.IndexOf(section, StringComparison.Ordinal); at >= 0; at = line.IndexOf(section, at + 1, StringComparison.Ordinal))
        {
            ReadOnlySpan<char> after = line.AsSpan(at + section.Length);
            bool goesOn = after.Length > 0 && (char.IsAsciiLetterOrDigit(after[0]) || (after.Length > 1 && after[0] == '.' && char.IsAsciiLetterOrDigit(after[1])));
            if (!goesOn)
                return true;
        }

        return false;
    }

    private static string[] Split(string cell) => cell.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
