using System.Text.RegularExpressions;

namespace Repo.Tests;

/// <summary>Comments that quote an RFC have one form, so that they can be found: <c>// RFC 8445 §7.2.5.2.1: "the sentence"</c>.</summary>
internal static partial class Citations
{
    /// <summary>What is wrong with the citations of a source file, with line numbers.</summary>
    internal static IEnumerable<string> Check(IReadOnlyList<string> lines)
    {
        for (int i = 0; i < lines.Count; i++)
        {
            if (!Begins().IsMatch(lines[i]))
                continue;
            Match match = Form().Match(lines[i]);
            if (!match.Success)
                yield return $"{i + 1}: {lines[i].Trim()}";
            else if (!Closes(lines, i, match.Groups[1].Value))
                yield return $"{i + 1}: the quotation does not end: {lines[i].Trim()}";
        }
    }

    // A long sentence may go on in the comment lines below.
    private static bool Closes(IReadOnlyList<string> lines, int start, string text)
    {
        for (int i = start + 1; !Quoted().IsMatch(text); i++)
        {
            if (i >= lines.Count || Begins().IsMatch(lines[i]) || Continues().Match(lines[i]) is not { Success: true } match)
                return false;
            text += " " + match.Groups[1].Value;
        }

        return true;
    }

    [GeneratedRegex(@"^\s*// ?(?:RFC|rfc|draft-)")]
    private static partial Regex Begins();

    [GeneratedRegex(@"^\s*// (?:RFC [1-9]\d{2,4}|draft-[a-z0-9-]+) (?:§(?:[1-9]\d*|[A-Z])|Appendix [A-Z])(?:\.\d+)*: ("".+)$")]
    private static partial Regex Form();

    [GeneratedRegex(@"^\s*// (.+)$")]
    private static partial Regex Continues();

    [GeneratedRegex(@"^"".{8,}""(?:\W.*)?$")]
    private static partial Regex Quoted();
}
