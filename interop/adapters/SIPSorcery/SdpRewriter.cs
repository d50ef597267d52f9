using System.Text;

namespace Ice.SIPSorcery;

/// <summary>Puts other ICE attributes in the place of those of a session description. Everything else stays as it is.</summary>
internal static class SdpRewriter
{
    private static readonly string[] s_left = ["a=candidate:", "a=end-of-candidates", "a=remote-candidates:", "a=ice-lite", "a=ice-pacing:", "a=ice-ufrag:", "a=ice-pwd:"];

    /// <summary>Rewrites a description.</summary>
    /// <param name="sdp">The description.</param>
    /// <param name="parameters">The credentials that each media section gets.</param>
    /// <param name="candidates">The candidates that the first media section gets.</param>
    /// <param name="complete">Whether there are no more.</param>
    public static string Rewrite(string sdp, IceParameters parameters, IReadOnlyList<IceCandidate> candidates, bool complete)
    {
        StringBuilder text = new();
        bool first = true;
        foreach (ReadOnlySpan<char> line in sdp.AsSpan().EnumerateLines())
        {
            if (line.IsEmpty || IsLeftOut(line))
                continue;
            text.Append(line).Append("\r\n");
            // Whatever belongs between the m= line and its attributes (i=, c=, b=) may stand after an attribute as far as SIPSorcery and browsers
            // go, but the grammar has the attributes last: they go after c=, which every media section of theirs has.
            if (!line.StartsWith("c=", StringComparison.Ordinal))
                continue;
            text.Append("a=ice-ufrag:").Append(parameters.UsernameFragment).Append("\r\na=ice-pwd:").Append(parameters.Password).Append("\r\n");
            if (first)
                AppendCandidates(text, candidates, complete);
            first = false;
        }

        return text.ToString();
    }

    private static void AppendCandidates(StringBuilder text, IReadOnlyList<IceCandidate> candidates, bool complete)
    {
        foreach (IceCandidate candidate in candidates)
            text.Append("a=").Append(candidate).Append("\r\n");
        if (complete)
            text.Append("a=end-of-candidates\r\n");
    }

    private static bool IsLeftOut(ReadOnlySpan<char> line)
    {
        foreach (string prefix in s_left)
        {
            if (line.StartsWith(prefix, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
