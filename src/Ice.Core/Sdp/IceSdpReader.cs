using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Stun;

namespace Ice;

/// <summary>
/// Reads ICE attributes out of SDP text, line by line. RFC 8840 §9.2 tells receivers to take the names of the older attributes in any case;
/// the ones it defines itself, and those of RFC 4566, are taken as they stand.
/// </summary>
internal sealed class IceSdpReader
{
    private readonly List<IceSdpMedia> _media = [];
    private readonly List<IceSdpRefusal> _refusals = [];
    private readonly List<string> _bundle = [];
    private Section _session = new();
    private Section? _current;
    private bool _lite;
    private int? _pacing;
    private int _line;

    internal static bool IsUsernameFragment(ReadOnlySpan<char> text) =>
        text.Length is >= IceParameters.MinUsernameFragmentLength and <= IceParameters.MaxLength && IceCandidateGrammar.IsIceText(text);

    internal static bool IsPassword(ReadOnlySpan<char> text) =>
        text.Length is >= IceParameters.MinPasswordLength and <= IceParameters.MaxLength && IceCandidateGrammar.IsIceText(text);

    internal static bool TryRead(ReadOnlySpan<char> sdp, [NotNullWhen(true)] out IceSdp? result, [NotNullWhen(false)] out string? error)
    {
        result = null;
        error = null;
        if (sdp.Length > IceSdp.MaxTextLength)
        {
            error = $"The text has {sdp.Length} characters; at most {IceSdp.MaxTextLength} are read.";
            return false;
        }

        var reader = new IceSdpReader();
        bool any = false;
        foreach (Range range in sdp.Split('\n'))
        {
            reader._line++;
            ReadOnlySpan<char> line = sdp[range].TrimEnd('\r');
            if (line.Length < 2 || line[1] != '=')
                continue;
            any = true;
            if (!reader.ReadLine(line))
            {
                error = $"The text has more than {IceSdp.MaxMedia} m= lines.";
                return false;
            }
        }

        if (!any && !sdp.IsWhiteSpace())
        {
            error = "The text is no SDP: it has no line of the form a=... (are its line ends escaped?).";
            return false;
        }

        result = reader.Build();
        return true;
    }

    private bool ReadLine(ReadOnlySpan<char> line)
    {
        if (line[0] == 'm')
        {
            CloseMedia();
            if (_media.Count == IceSdp.MaxMedia)
                return false;
            _current = new Section { MediaLine = ReadMediaLine(line[2..]) };
        }
        else if (line[0] == 'a')
        {
            ReadOnlySpan<char> attribute = line[2..];
            int colon = attribute.IndexOf(':');
            if (colon < 0)
                ReadFlag(attribute.TrimEnd(' '));
            else
                ReadAttribute(attribute[..colon], attribute[(colon + 1)..].TrimEnd(' '));
        }

        return true;
    }

    private string ReadMediaLine(ReadOnlySpan<char> text)
    {
        if (!text.IsEmpty && !text.ContainsAnyInRange('\0', '\u001f'))
            return text.ToString();
        Refuse("m=: empty, or with control characters.");
        return IceSdpMedia.DefaultMediaLine;
    }

    private void ReadFlag(ReadOnlySpan<char> name)
    {
        Section section = _current ?? _session;
        if (name is "end-of-candidates")
            section.EndOfCandidates = true;
        else if (Is(name, "ice-lite") && AtSessionLevel(name))
            _lite = true;
        else if (Is(name, "ice-mismatch") && AtMediaLevel(name))
            section.Mismatch = true;
        else if (name is "rtcp-mux" && _current is not null)
            section.RtcpMux = true;
        else if (name is "rtcp-mux-only" && _current is not null)
            section.RtcpMuxOnly = true;
    }

    private void ReadAttribute(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (Is(name, "candidate"))
            ReadCandidate(value);
        else if (Is(name, "remote-candidates"))
            ReadRemoteCandidates(value);
        else if (Is(name, "ice-ufrag"))
            ReadUsernameFragment(value);
        else if (Is(name, "ice-pwd"))
            ReadPassword(value);
        else if (Is(name, "ice-options"))
            ReadOptions(value);
        else if (Is(name, "ice-pacing"))
            ReadPacing(value);
        else if (name is "mid" && _current is { Mid: null })
            ReadMid(value, _current);
        else if (name is "group" && _current is null && _bundle.Count == 0 && value.StartsWith("BUNDLE ", StringComparison.OrdinalIgnoreCase))
            _ = TryAddTokens(_bundle, value[7..], IceSdp.MaxMedia);
    }

    private void ReadCandidate(ReadOnlySpan<char> value)
    {
        // RFC 8839 §5.1: "The "candidate" attribute is a media-level attribute only."
        if (!AtMediaLevel("candidate"))
            return;
        List<IceCandidate> candidates = _current!.Candidates;
        if (candidates.Count == IceSdp.MaxCandidatesPerMedia)
            Refuse($"candidate: a media section may have at most {IceSdp.MaxCandidatesPerMedia} candidates here.");
        else if (IceCandidate.TryParse(value, out IceCandidate? candidate, out string? error))
            candidates.Add(candidate);
        else
            Refuse(error);
    }

    private void ReadRemoteCandidates(ReadOnlySpan<char> value)
    {
        // RFC 8839 §5.2: "The "remote-candidates" attribute is a media-level attribute only."
        if (!AtMediaLevel("remote-candidates"))
            return;
        var found = new List<IceRemoteCandidate>();
        ReadOnlySpan<char> rest = value.Trim(' ');
        while (!rest.IsEmpty)
        {
            ReadOnlySpan<char> component = Next(ref rest);
            ReadOnlySpan<char> address = Next(ref rest);
            ReadOnlySpan<char> port = Next(ref rest);
            if (!TryReadRemoteCandidate(component, address, port, out IceRemoteCandidate candidate))
            {
                Refuse("remote-candidates: not a list of component, address and port (RFC 8839 §5.2).");
                return;
            }

            found.Add(candidate);
        }

        if (_current!.RemoteCandidates.Count + found.Count > IceCandidateGrammar.MaxComponent)
            Refuse($"remote-candidates: more than {IceCandidateGrammar.MaxComponent}, the number of components there can be.");
        else
            _current.RemoteCandidates.AddRange(found);
    }

    private static bool TryReadRemoteCandidate(ReadOnlySpan<char> component, ReadOnlySpan<char> address, ReadOnlySpan<char> port, out IceRemoteCandidate candidate)
    {
        candidate = default;
        if (!TryReadNumber(component, 3, out long id) || id is < 1 or > IceCandidateGrammar.MaxComponent
            || !TryReadNumber(port, 5, out long number) || number > ushort.MaxValue)
            return false;
        if (IceCandidateGrammar.TryParseAddress(address, (int)number, out TransportAddress parsed, out _))
            candidate = new IceRemoteCandidate((int)id, parsed, (int)number);
        else if (IceCandidateGrammar.IsHostName(address))
            candidate = new IceRemoteCandidate((int)id, default, (int)number, address.ToString());
        else
            return false;
        return true;
    }

    private void ReadUsernameFragment(ReadOnlySpan<char> value)
    {
        Section section = _current ?? _session;
        // RFC 8839 §5.4: "an implementation MUST accept up to 256 characters when receiving."
        if (!IsUsernameFragment(value))
            Refuse($"ice-ufrag: it has {value.Length} characters; 4 to 256 out of A-Z a-z 0-9 + / are allowed (RFC 8839 §5.4).");
        else if (section.UsernameFragment is not null)
            Refuse("ice-ufrag: repeated; the first one counts.");
        else
            section.UsernameFragment = value.ToString();
    }

    private void ReadPassword(ReadOnlySpan<char> value)
    {
        Section section = _current ?? _session;
        if (!IsPassword(value))
            Refuse($"ice-pwd: it has {value.Length} characters; 22 to 256 out of A-Z a-z 0-9 + / are allowed (RFC 8839 §5.4).");
        else if (section.Password is not null)
            Refuse("ice-pwd: repeated; the first one counts.");
        else
            section.Password = value.ToString();
    }

    private void ReadOptions(ReadOnlySpan<char> value)
    {
        if (!TryAddTokens((_current ?? _session).Options, value, 64))
            Refuse("ice-options: not a list of option tags (RFC 8839 §5.6).");
    }

    private void ReadPacing(ReadOnlySpan<char> value)
    {
        // RFC 8839 §5.5: "The "ice-pacing" is a session-level attribute"
        if (!AtSessionLevel("ice-pacing"))
            return;
        if (!TryReadNumber(value, 10, out long pacing))
            Refuse("ice-pacing: not a number of 1 to 10 digits (RFC 8839 §5.5).");
        else
            _pacing ??= (int)Math.Min(pacing, int.MaxValue);
    }

    private void ReadMid(ReadOnlySpan<char> value, Section section)
    {
        if (value.IsEmpty || !IceCandidateGrammar.IsVisible(value))
            Refuse("mid: not a tag of visible ASCII characters (RFC 5888).");
        else
            section.Mid = value.ToString();
    }

    private void CloseMedia()
    {
        if (_current is { } section)
            _media.Add(section.ToMedia());
    }

    private IceSdp Build()
    {
        CloseMedia();
        return new IceSdp
        {
            UsernameFragment = _session.UsernameFragment,
            Password = _session.Password,
            Lite = _lite,
            Options = _session.Options,
            PacingMilliseconds = _pacing,
            EndOfCandidates = _session.EndOfCandidates,
            Bundle = _bundle,
            Media = _media,
            Refusals = _refusals,
        };
    }

    private bool AtMediaLevel(ReadOnlySpan<char> name)
    {
        if (_current is null)
            Refuse($"{name}: allowed after an m= line only (RFC 8839 §5).");
        return _current is not null;
    }

    private bool AtSessionLevel(ReadOnlySpan<char> name)
    {
        if (_current is not null)
            Refuse($"{name}: allowed before the first m= line only (RFC 8839 §5).");
        return _current is null;
    }

    private void Refuse(string reason)
    {
        if (_refusals.Count < IceSdp.MaxRefusals)
            _refusals.Add(new IceSdpRefusal(_line, reason));
    }

    // RFC 8840 §9.2: "A sender SHOULD use lower case for attributes from such earlier grammar, but a receiver MUST treat them as case insensitive."
    private static bool Is(ReadOnlySpan<char> name, ReadOnlySpan<char> expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);

    private static bool TryReadNumber(ReadOnlySpan<char> text, int maximumDigits, out long value)
    {
        value = 0;
        return text.Length <= maximumDigits && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> rest)
    {
        int end = rest.IndexOf(' ');
        ReadOnlySpan<char> token = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[end..].TrimStart(' ');
        return token;
    }

    // Tags are compared, not interpreted, so tags with visible characters beyond the grammar (google-ice) do no harm.
    private static bool TryAddTokens(List<string> tokens, ReadOnlySpan<char> value, int limit)
    {
        ReadOnlySpan<char> rest = value.Trim(' ');
        bool any = !rest.IsEmpty;
        while (!rest.IsEmpty && tokens.Count < limit)
        {
            ReadOnlySpan<char> token = Next(ref rest);
            if (!IceCandidateGrammar.IsVisible(token))
                return false;
            tokens.Add(token.ToString());
        }

        return any;
    }

    /// <summary>What has been read of the session level or of one media section.</summary>
    private sealed class Section
    {
        public string MediaLine { get; init; } = "";

        public string? Mid { get; set; }

        public string? UsernameFragment { get; set; }

        public string? Password { get; set; }

        public List<string> Options { get; } = [];

        public List<IceCandidate> Candidates { get; } = [];

        public List<IceRemoteCandidate> RemoteCandidates { get; } = [];

        public bool Mismatch { get; set; }

        public bool EndOfCandidates { get; set; }

        public bool RtcpMux { get; set; }

        public bool RtcpMuxOnly { get; set; }

        public IceSdpMedia ToMedia() => new()
        {
            MediaLine = MediaLine,
            Mid = Mid,
            UsernameFragment = UsernameFragment,
            Password = Password,
            Options = Options,
            Candidates = Candidates,
            RemoteCandidates = RemoteCandidates,
            Mismatch = Mismatch,
            EndOfCandidates = EndOfCandidates,
            RtcpMux = RtcpMux,
            RtcpMuxOnly = RtcpMuxOnly,
        };
    }
}
