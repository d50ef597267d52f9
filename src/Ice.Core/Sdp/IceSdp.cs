using System.Diagnostics.CodeAnalysis;

namespace Ice;

/// <summary>
/// The ICE attributes of a session description: of a whole offer or answer (RFC 8839), or of a fragment that trickles
/// (<see cref="SdpFragment"/>, RFC 8840). Everything else in the text is left alone.
/// </summary>
/// <remarks>
/// Immutable. Reading never fails over a single line: one that does not follow its grammar is left out and named in <see cref="Refusals"/>.
/// To write a whole description, put <see cref="GetSessionLines"/> before its first <c>m=</c> line and <see cref="GetMediaLines"/> after the
/// <c>m=</c> line that they belong to.
/// </remarks>
public sealed class IceSdp
{
    /// <summary>The longest text that is read, in characters.</summary>
    public const int MaxTextLength = 1024 * 1024;

    /// <summary>The most media sections that are read.</summary>
    public const int MaxMedia = 1024;

    /// <summary>The most candidates that are read per media section.</summary>
    public const int MaxCandidatesPerMedia = 256;

    /// <summary>The most refusals that are kept.</summary>
    public const int MaxRefusals = 64;

    /// <summary>The session's ice-ufrag: the default of all media sections; or null.</summary>
    public string? UsernameFragment { get; init; }

    /// <summary>The session's ice-pwd: the default of all media sections; or null. A secret.</summary>
    public string? Password { get; init; }

    /// <summary><c>a=ice-lite</c>: the agent is a lite implementation.</summary>
    public bool Lite { get; init; }

    /// <summary>The ice-options of the session.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>The pacing (Ta) that the agent asks for, in ms; null when it said nothing, which means 50 ms (RFC 8839 §5.5).</summary>
    public int? PacingMilliseconds { get; init; }

    /// <summary><c>a=end-of-candidates</c> before the first <c>m=</c> line: no more candidates for any stream (RFC 8840 §8.1).</summary>
    public bool EndOfCandidates { get; init; }

    /// <summary>The tags of the first <c>a=group:BUNDLE</c>; empty when there is none.</summary>
    public IReadOnlyList<string> Bundle { get; init; } = [];

    /// <summary>The media sections, in the order they stand.</summary>
    public IReadOnlyList<IceSdpMedia> Media { get; init; } = [];

    /// <summary>The ICE attributes that were left out, and why; the first <see cref="MaxRefusals"/> of them.</summary>
    public IReadOnlyList<IceSdpRefusal> Refusals { get; init; } = [];

    /// <summary>Makes the description of an agent: its parameters at the session level, and what belongs to each stream.</summary>
    /// <param name="parameters">The agent's parameters.</param>
    /// <param name="media">One section for each stream: its mid, its candidates, and whether more will come.</param>
    public static IceSdp FromParameters(IceParameters parameters, params IReadOnlyList<IceSdpMedia> media)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return new IceSdp
        {
            UsernameFragment = parameters.UsernameFragment,
            Password = parameters.Password,
            Lite = parameters.Lite,
            Options = parameters.Options,
            PacingMilliseconds = parameters.PacingMilliseconds,
            Media = media,
        };
    }

    /// <summary>Reads the ICE attributes of a session description.</summary>
    /// <exception cref="FormatException">The text is no session description, or longer than <see cref="MaxTextLength"/>.</exception>
    public static IceSdp Parse(ReadOnlySpan<char> sdp) => TryParse(sdp, out IceSdp? result, out string? error) ? result : throw new FormatException(error);

    /// <summary>Reads the ICE attributes of a session description, or says why it is none. Never throws.</summary>
    public static bool TryParse(ReadOnlySpan<char> sdp, [NotNullWhen(true)] out IceSdp? result, [NotNullWhen(false)] out string? error)
    {
        if (!IceSdpReader.TryRead(sdp, out result, out error))
            return false;
        if (sdp.TrimStart(" \t\r\n").StartsWith("v=", StringComparison.Ordinal))
            return true;
        result = null;
        error = "The text is no session description: it does not begin with v=. For the body of a trickle message use SdpFragment.";
        return false;
    }

    /// <summary>The peer's parameters for one media section, or null with what is missing.</summary>
    public IceParameters? GetParameters(IceSdpMedia media, out string? error)
    {
        ArgumentNullException.ThrowIfNull(media);
        // RFC 8839 §5.4: "When present in both, the value in the media-level takes precedence."
        string? ufrag = media.UsernameFragment ?? UsernameFragment;
        string? password = media.Password ?? Password;
        // RFC 8839 §5.4: "there MUST be an "ice-pwd" and "ice-ufrag" attribute for each data stream."
        if (ufrag is null || password is null)
        {
            error = $"The description has no {(ufrag is null ? "ice-ufrag" : "ice-pwd")} for m={media.MediaLine}: the peer does not offer ICE for it.";
            return null;
        }

        error = null;
        return new IceParameters(ufrag, password)
        {
            Lite = Lite,
            Options = [.. Options.Union(media.Options, StringComparer.Ordinal)],
            PacingMilliseconds = PacingMilliseconds,
        };
    }

    /// <summary>The media section with that identification tag, or null.</summary>
    public IceSdpMedia? FindMedia(string mid)
    {
        foreach (IceSdpMedia media in Media)
        {
            if (string.Equals(media.Mid, mid, StringComparison.Ordinal))
                return media;
        }

        return null;
    }

    /// <summary>Whether no more candidates come for a media section: said by itself or by the session (RFC 8840 §8.1).</summary>
    public bool HasEndOfCandidates(IceSdpMedia media)
    {
        ArgumentNullException.ThrowIfNull(media);
        return EndOfCandidates || media.EndOfCandidates;
    }

    /// <summary>The attribute lines of the session level, such as <c>a=ice-ufrag:8hhY</c>, without line ends.</summary>
    /// <exception cref="InvalidOperationException">A value cannot be written; the message says which and why.</exception>
    public IReadOnlyList<string> GetSessionLines() => IceSdpWriter.SessionLines(this);

    /// <summary>The attribute lines of a media section, without its <c>m=</c> line and without line ends.</summary>
    /// <exception cref="InvalidOperationException">A value cannot be written; the message says which and why.</exception>
    public static IReadOnlyList<string> GetMediaLines(IceSdpMedia media)
    {
        ArgumentNullException.ThrowIfNull(media);
        return IceSdpWriter.MediaLines(media);
    }

    /// <summary>The description in short, without passwords.</summary>
    public override string ToString() => $"{Media.Count} media sections{(Lite ? ", ice-lite" : "")}, {Refusals.Count} attributes refused";
}
