using System.Text;
using NatLab.Network;

namespace NatLab.Cases;

/// <summary>Draws a grid.</summary>
internal static class GridTable
{
    public static string Draw(string name, IReadOnlyList<LabSite> rows, IReadOnlyList<LabSite> columns, IReadOnlyDictionary<(int, int), Verdict> verdicts)
    {
        int first = rows.Max(static r => r.Site.Name.Length) + 2;
        int[] widths = [.. columns.Select(static c => Math.Max(c.Site.Name.Length, 3) + 2)];
        var text = new StringBuilder();
        _ = text.AppendLine($"{name}: D direct, r relayed, F failed, ~ in a second try, ! not as the oracle says");
        _ = text.Append(' ', first).AppendLine(string.Concat(columns.Select((c, i) => c.Site.Name.PadRight(widths[i]))).TrimEnd());
        for (int row = 0; row < rows.Count; row++)
        {
            string cells = string.Concat(columns.Select((_, i) => (verdicts.TryGetValue((row, i), out Verdict? verdict) ? verdict.Letter : "-").PadRight(widths[i])));
            _ = text.AppendLine((rows[row].Site.Name.PadRight(first) + cells).TrimEnd());
        }

        return text.ToString();
    }
}
