using System.Globalization;

namespace Repo.Tests.Matrix;

/// <summary>Reads the tables of docs/rfc.</summary>
internal static class MatrixReader
{
    internal static IEnumerable<MatrixRow> ReadAll() =>
        RepoRoot.Files("docs/rfc", ".md").SelectMany(static path => Read(path, File.ReadAllLines(RepoRoot.File(path))));

    /// <summary>The rows of one file; the RFC's number is the file's name.</summary>
    /// <exception cref="FormatException">A row has another number of cells than the header.</exception>
    internal static List<MatrixRow> Read(string path, IReadOnlyList<string> lines)
    {
        var rows = new List<MatrixRow>();
        bool inTable = false;
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i].Trim();
            bool isTableLine = line.StartsWith('|');
            if (!inTable)
            {
                inTable = string.Equals(line, MatrixRow.Header, StringComparison.OrdinalIgnoreCase);
                continue;
            }

            inTable = isTableLine;
            if (!isTableLine || line.Replace("|", "", StringComparison.Ordinal).Trim(' ', '-', ':').Length == 0)
                continue;
            string[] cells = Cells(line);
            if (cells.Length != 5 || !int.TryParse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture, out int rfc))
                throw new FormatException($"{path}:{i + 1}: a row needs the 5 cells of '{MatrixRow.Header}' in a file named after its RFC; this one has {cells.Length}.");
            rows.Add(new MatrixRow(path, i + 1, rfc, cells[0].TrimStart('§'), cells[1], cells[2], cells[3], cells[4]));
        }

        return rows;
    }

    private static string[] Cells(string line) =>
        [.. line.Replace(@"\|", "\u0001", StringComparison.Ordinal).Trim('|').Split('|').Select(static cell => cell.Replace("\u0001", "|", StringComparison.Ordinal).Replace("`", "", StringComparison.Ordinal).Trim())];
}
