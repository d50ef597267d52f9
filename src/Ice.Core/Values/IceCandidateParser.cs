using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Stun;

namespace Ice;

/// <summary>
/// Reads one candidate in the grammar of RFC 8839 §5.1. Strict where a wrong guess would send packets astray (numbers, addresses),
/// lenient where peers differ: the case of keywords, spaces between fields, extensions it does not know.
/// </summary>
internal ref struct IceCandidateParser
{
    private ReadOnlySpan<char> _rest;
    private string? _error;

    private IceCandidateParser(ReadOnlySpan<char> fields) => _rest = fields;

    internal static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IceCandidate? candidate, [NotNullWhen(false)] out string? error)
    {
        candidate = null;
        error = Check(text);
        if (error is not null)
            return false;

        ReadOnlySpan<char> fields = SkipPrefix(text.TrimEnd("\r\n").TrimStart(' '));
        var parser = new IceCandidateParser(fields);
        IceCandidate? parsed = parser.Read(out bool keepText);
        if (parsed is null)
        {
            error = parser._error ?? "candidate: the text is incomplete.";
            return false;
        }

        candidate = keepText ? KeepText(parsed, fields) : parsed;
        return true;
    }

    private static string? Check(ReadOnlySpan<char> text)
    {
        // Browsers report the end of gathering as a candidate whose text is empty.
        if (text.IsWhiteSpace())
            return "candidate: the text is empty. Where a peer signals the end of its candidates so, report end-of-candidates instead.";
        return text.Length > IceCandidate.MaxTextLength
            ? $"candidate: the text has {text.Length} characters; at most {IceCandidate.MaxTextLength} are read."
            : null;
    }

    private static ReadOnlySpan<char> SkipPrefix(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("a=", StringComparison.OrdinalIgnoreCase))
            text = text[2..];
        return text.StartsWith(IceCandidateWriter.Prefix, StringComparison.OrdinalIgnoreCase) ? text[IceCandidateWriter.Prefix.Length..] : text;
    }

    // What the peer wrote comes back byte for byte, whatever its case, zeros and spaces: others compare and sign candidate lines.
    private static IceCandidate KeepText(IceCandidate parsed, ReadOnlySpan<char> fields)
    {
        string canonical = IceCandidateWriter.Write(parsed);
        return canonical.AsSpan(IceCandidateWriter.Prefix.Length).SequenceEqual(fields)
            ? parsed
            : new IceCandidate(parsed, string.Concat(IceCandidateWriter.Prefix, fields));
    }

    private IceCandidate? Read(out bool keepText)
    {
        keepText = false;
        if (!TryReadFoundation(out string? foundation)
            || !TryReadNumber("component", 1, IceCandidateGrammar.MaxComponent, 3, out uint component)
            || !TryReadTransport(out string? token)
            || !TryReadNumber("priority", 1, IceCandidateGrammar.MaxPriority, 10, out uint priority)
            || !TryReadField("connection-address", out ReadOnlySpan<char> connectionAddress)
            || !TryReadNumber("port", 0, ushort.MaxValue, 5, out uint port)
            || !TryReadAddress(connectionAddress, (int)port, out TransportAddress address, out string? hostName, out bool zone)
            || !TryReadType(out IceCandidateType type)
            || !TryReadRelated(out TransportAddress related, out bool relatedZone))
            return null;

        IceTransport transport = IceCandidateGrammar.ToTransport(token);
        var extensions = new List<IceCandidateExtension>();
        if (!TryReadExtensions(transport, extensions, out IceTcpType tcpType))
            return null;

        keepText = !zone && !relatedZone;
        return new IceCandidate
        {
            Foundation = foundation,
            Component = (int)component,
            Transport = transport,
            TransportToken = token,
            Priority = priority,
            Address = address,
            HostName = hostName,
            Port = (int)port,
            Type = type,
            RelatedAddress = related,
            TcpType = tcpType,
            Extensions = extensions.Count == 0 ? [] : extensions.ToArray(),
        };
    }

    private bool TryReadFoundation([NotNullWhen(true)] out string? foundation)
    {
        foundation = null;
        if (!TryReadField("foundation", out ReadOnlySpan<char> text))
            return false;
        if (!IceCandidateGrammar.IsFoundation(text))
            return Fail($"foundation: {Quote(text)} is not 1 to {IceCandidateGrammar.MaxFoundationLength} characters out of A-Z a-z 0-9 + / (RFC 8839 §5.1).");
        foundation = text.ToString();
        return true;
    }

    private bool TryReadTransport([NotNullWhen(true)] out string? token)
    {
        token = null;
        if (!TryReadField("transport", out ReadOnlySpan<char> text))
            return false;
        if (!IceCandidateGrammar.IsToken(text))
            return Fail($"transport: {Quote(text)} is no transport token such as udp or tcp (RFC 8839 §5.1).");
        // The tokens that nearly every line has need no string of their own.
        token = text is "udp" ? "udp" : text is "UDP" ? "UDP" : text is "tcp" ? "tcp" : text.ToString();
        return true;
    }

    private bool TryReadAddress(ReadOnlySpan<char> text, int port, out TransportAddress address, out string? hostName, out bool hadZone)
    {
        hostName = null;
        if (IceCandidateGrammar.TryParseAddress(text, port, out address, out hadZone))
            return true;
        // RFC 8839 §5.1: "allowing for IPv4 addresses, IPv6 addresses, and fully qualified domain names (FQDNs)."
        if (!IceCandidateGrammar.IsHostName(text))
            return Fail($"connection-address: {Quote(text)} is neither an IPv4 or IPv6 address nor a host name (RFC 8839 §5.1).");
        hostName = text.ToString();
        return true;
    }

    private bool TryReadType(out IceCandidateType type)
    {
        type = default;
        if (!TryReadField("typ", out ReadOnlySpan<char> keyword))
            return false;
        if (!keyword.Equals("typ", StringComparison.OrdinalIgnoreCase))
            return Fail($"typ: the keyword 'typ' must follow the port, not {Quote(keyword)} (RFC 8839 §5.1).");
        if (!TryReadField("candidate type", out ReadOnlySpan<char> text))
            return false;
        if (text.Equals("host", StringComparison.OrdinalIgnoreCase))
            type = IceCandidateType.Host;
        else if (text.Equals("srflx", StringComparison.OrdinalIgnoreCase))
            type = IceCandidateType.ServerReflexive;
        else if (text.Equals("prflx", StringComparison.OrdinalIgnoreCase))
            type = IceCandidateType.PeerReflexive;
        else if (text.Equals("relay", StringComparison.OrdinalIgnoreCase))
            type = IceCandidateType.Relayed;
        else
            // RFC 8839 §5.1: "Specifications for new candidate types MUST define how, if at all, various steps in the ICE processing differ from the ones defined by this specification."
            return Fail($"candidate type: {Quote(text)} is none of host, srflx, prflx and relay, and no specification that is implemented here says how to process it (RFC 8839 §5.1).");
        return true;
    }

    private bool TryReadRelated(out TransportAddress related, out bool hadZone)
    {
        related = default;
        hadZone = false;
        ReadOnlySpan<char> addressText = default;
        if (TrySkipKeyword("raddr") && !TryReadField("raddr", out addressText))
            return false;
        uint port = 0;
        if (TrySkipKeyword("rport") && !TryReadNumber("rport", 0, ushort.MaxValue, 5, out port))
            return false;
        // A name says nothing that could be used; the text keeps it.
        if (addressText.IsEmpty || IceCandidateGrammar.TryParseAddress(addressText, (int)port, out related, out hadZone) || IceCandidateGrammar.IsHostName(addressText))
            return true;
        return Fail($"raddr: {Quote(addressText)} is neither an IPv4 or IPv6 address nor a host name (RFC 8839 §5.1).");
    }

    // *(SP cand-extension); a value may be empty, so exactly one space separates a name from its value.
    private bool TryReadExtensions(IceTransport transport, List<IceCandidateExtension> extensions, out IceTcpType tcpType)
    {
        tcpType = IceTcpType.None;
        while (true)
        {
            _rest = _rest.TrimStart(' ');
            if (_rest.IsEmpty)
                return true;
            ReadOnlySpan<char> name = ReadToSpace();
            ReadOnlySpan<char> value = ReadToSpace();
            if (!IceCandidateGrammar.IsVisible(name) || !IceCandidateGrammar.IsVisible(value))
                return Fail($"extension {Quote(name)}: names and values hold visible ASCII characters only (RFC 8839 §5.1).");
            if (transport == IceTransport.Tcp && tcpType == IceTcpType.None && name.Equals("tcptype", StringComparison.OrdinalIgnoreCase)
                && ToTcpType(value) is var known and not IceTcpType.None)
                tcpType = known;
            else
                // RFC 8839 §5.1: "An implementation MUST ignore any name/value pairs it doesn't understand."
                extensions.Add(new IceCandidateExtension(name.ToString(), value.ToString()));
        }
    }

    private static IceTcpType ToTcpType(ReadOnlySpan<char> text) =>
        text.Equals("active", StringComparison.OrdinalIgnoreCase) ? IceTcpType.Active
        : text.Equals("passive", StringComparison.OrdinalIgnoreCase) ? IceTcpType.Passive
        : text.Equals("so", StringComparison.OrdinalIgnoreCase) ? IceTcpType.SimultaneousOpen
        : IceTcpType.None;

    private bool TryReadNumber(string field, uint minimum, uint maximum, int maximumDigits, out uint value)
    {
        value = 0;
        if (!TryReadField(field, out ReadOnlySpan<char> text))
            return false;
        return (text.Length <= maximumDigits && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= minimum && value <= maximum)
            || Fail($"{field}: {Quote(text)} is not a number from {minimum} to {maximum} (RFC 8839 §5.1).");
    }

    private bool TryReadField(string field, out ReadOnlySpan<char> text)
    {
        _rest = _rest.TrimStart(' ');
        text = ReadToSpace();
        return !text.IsEmpty || Fail($"{field}: missing; the text ends before it (RFC 8839 §5.1).");
    }

    private bool TrySkipKeyword(string keyword)
    {
        ReadOnlySpan<char> saved = _rest;
        _rest = _rest.TrimStart(' ');
        if (ReadToSpace().Equals(keyword, StringComparison.OrdinalIgnoreCase))
            return true;
        _rest = saved;
        return false;
    }

    private ReadOnlySpan<char> ReadToSpace()
    {
        int end = _rest.IndexOf(' ');
        ReadOnlySpan<char> field = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[(end + 1)..];
        return field;
    }

    private bool Fail(string error)
    {
        _error ??= error;
        return false;
    }

    // The text comes from the network and goes to logs and exceptions: short, and without control characters.
    private static string Quote(ReadOnlySpan<char> text)
    {
        const int Longest = 40;
        Span<char> shown = stackalloc char[Longest];
        int length = Math.Min(text.Length, Longest);
        for (int i = 0; i < length; i++)
            shown[i] = text[i] is >= ' ' and <= '~' ? text[i] : '?';
        return text.Length > Longest ? $"'{shown[..length]}...'" : $"'{shown[..length]}'";
    }
}
