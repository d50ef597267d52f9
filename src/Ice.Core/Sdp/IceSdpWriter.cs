using System.Globalization;

namespace Ice;

/// <summary>Writes the attributes of RFC 8839 §5 and RFC 8840 §8 and §9.</summary>
internal static class IceSdpWriter
{
    private const int MaxSentUsernameFragmentLength = 32;

    internal static List<string> SessionLines(IceSdp sdp)
    {
        var lines = new List<string>();
        if (sdp.Lite)
            lines.Add("a=ice-lite");
        AddOptions(lines, sdp.Options);
        // RFC 8839 §4.3.1: "A lite ICE implementation MUST NOT include the "ice-pacing" attribute in the offer (as it will not perform connectivity checks)."
        if (!sdp.Lite && sdp.PacingMilliseconds is { } pacing)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"a=ice-pacing:{(pacing >= 0 ? pacing : throw Refuse("PacingMilliseconds", "it must not be negative"))}"));
        if (sdp.Bundle.Count > 0)
            lines.Add("a=group:BUNDLE " + string.Join(' ', sdp.Bundle.Select(static tag => CheckedToken(tag, "Bundle"))));
        AddCredentials(lines, sdp.UsernameFragment, sdp.Password);
        if (sdp.EndOfCandidates)
            lines.Add("a=end-of-candidates");
        return lines;
    }

    internal static List<string> MediaLines(IceSdpMedia media)
    {
        var lines = new List<string>();
        if (media.Mid is { } mid)
            lines.Add("a=mid:" + CheckedToken(mid, "Mid"));
        AddOptions(lines, media.Options);
        AddCredentials(lines, media.UsernameFragment, media.Password);
        if (media.Mismatch)
            lines.Add("a=ice-mismatch");
        if (media.RtcpMux)
            lines.Add("a=rtcp-mux");
        if (media.RtcpMuxOnly)
            lines.Add("a=rtcp-mux-only");
        foreach (IceCandidate candidate in media.Candidates)
            lines.Add("a=" + (candidate.Validate() is { } error ? throw Refuse("Candidates", error) : candidate.ToString()));
        if (media.RemoteCandidates.Count > 0)
            lines.Add("a=remote-candidates:" + string.Join(' ', media.RemoteCandidates.Select(CheckedRemoteCandidate)));
        if (media.EndOfCandidates)
            lines.Add("a=end-of-candidates");
        return lines;
    }

    /// <summary>Text of one line: a line end in it would smuggle further lines into the description.</summary>
    internal static string CheckedText(string text, string what) =>
        text.Length > 0 && !text.AsSpan().ContainsAny('\r', '\n', '\0') ? text : throw Refuse(what, "it must be one line of text that is not empty");

    private static string CheckedToken(string token, string what) =>
        token.Length > 0 && IceCandidateGrammar.IsVisible(token) ? token : throw Refuse(what, "a tag holds visible ASCII characters only");

    private static string CheckedRemoteCandidate(IceRemoteCandidate candidate) =>
        candidate is { Component: >= 1 and <= IceCandidateGrammar.MaxComponent, Port: >= 0 and <= ushort.MaxValue }
        && (candidate.HostName is { } name ? IceCandidateGrammar.IsHostName(name) : !candidate.Address.IsNone)
            ? candidate.ToString()
            : throw Refuse("RemoteCandidates", "each needs a component of 1 to 256, an address or a host name, and a port");

    private static void AddOptions(List<string> lines, IReadOnlyList<string> options)
    {
        if (options.Count > 0)
            lines.Add("a=ice-options:" + string.Join(' ', options.Select(static option => CheckedToken(option, "Options"))));
    }

    private static void AddCredentials(List<string> lines, string? ufrag, string? password)
    {
        if (ufrag is not null)
        {
            if (!IceSdpReader.IsUsernameFragment(ufrag))
                throw Refuse("UsernameFragment", "it must have 4 to 256 characters out of A-Z a-z 0-9 + /");
            // RFC 8839 §5.4: "the "ice-ufrag" attribute MUST NOT be longer than 32 characters when sending"
            if (ufrag.Length > MaxSentUsernameFragmentLength)
                throw Refuse("UsernameFragment", "at most 32 characters may be sent (RFC 8839 §5.4)");
            lines.Add("a=ice-ufrag:" + ufrag);
        }

        if (password is not null)
            lines.Add("a=ice-pwd:" + (IceSdpReader.IsPassword(password) ? password : throw Refuse("Password", "it must have 22 to 256 characters out of A-Z a-z 0-9 + /")));
    }

    private static InvalidOperationException Refuse(string what, string why) => new($"{what} cannot be written as SDP: {why}.");
}
