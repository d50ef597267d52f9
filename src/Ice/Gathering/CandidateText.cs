namespace Ice;

/// <summary>Reads a candidate as signaling carries it.</summary>
internal static class CandidateText
{
    /// <summary>Reads the SDP attribute; null for the end of candidates.</summary>
    /// <exception cref="FormatException">The text is no candidate.</exception>
    public static IceCandidate? Parse(string sdp)
    {
        ReadOnlySpan<char> text = sdp.AsSpan().Trim();
        if (text.StartsWith("a=", StringComparison.Ordinal))
            text = text[2..];
        return text.IsEmpty || text is "end-of-candidates" ? null : IceCandidate.Parse(text);
    }
}
