using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Stun;

/// <summary>A <c>stun:</c>, <c>stuns:</c>, <c>turn:</c> or <c>turns:</c> URI (RFC 7064, RFC 7065). These are not hierarchical: there is no <c>//</c>.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed record StunUri
{
    /// <summary>The port of STUN and TURN over UDP and TCP.</summary>
    public const int DefaultPort = 3478;

    /// <summary>The port of STUN and TURN over TLS and DTLS.</summary>
    public const int DefaultSecurePort = 5349;

    private StunUri(StunScheme scheme, string host, int? explicitPort, StunTransport? explicitTransport)
    {
        Scheme = scheme;
        Host = host;
        ExplicitPort = explicitPort;
        ExplicitTransport = explicitTransport;
    }

    /// <summary>The scheme.</summary>
    public StunScheme Scheme { get; }

    /// <summary>A DNS name or an IP literal; IPv6 without its brackets.</summary>
    public string Host { get; }

    /// <summary>The port that the URI names; null when it leaves it to DNS or to the default.</summary>
    public int? ExplicitPort { get; }

    /// <summary>The transport that the URI names; null when it leaves it to DNS or to the default.</summary>
    public StunTransport? ExplicitTransport { get; }

    /// <summary>The port: that of the URI, else 3478, or 5349 where the scheme is secure.</summary>
    // RFC 8489 §8.1: "The default port for STUN requests is 3478, for both TCP and UDP. The default port for STUN over TLS and STUN over
    // DTLS requests is 5349."
    public int Port => ExplicitPort ?? (IsSecure ? DefaultSecurePort : DefaultPort);

    /// <summary>The transport: that of the URI, else UDP, or TCP (TLS) where the scheme is secure.</summary>
    // RFC 7064 §3.2: "the "stun" URI scheme implies UDP as the transport protocol for SRV lookup, and the "stuns" URI scheme indicates TCP as
    // the transport protocol."
    public StunTransport Transport => ExplicitTransport ?? (IsSecure ? StunTransport.Tcp : StunTransport.Udp);

    /// <summary>Whether it names a TURN server.</summary>
    public bool IsTurn => Scheme is StunScheme.Turn or StunScheme.Turns;

    /// <summary>Whether TLS or DTLS is asked for.</summary>
    public bool IsSecure => Scheme is StunScheme.Stuns or StunScheme.Turns;

    /// <summary>Whether <see cref="Host"/> is an IP address, so that nothing has to be resolved.</summary>
    public bool IsIPAddress => TransportAddress.TryParse(Host, 0, out _);

    /// <summary>Reads a URI.</summary>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static StunUri Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out StunUri? uri, out string? error) ? uri : throw new FormatException($"'{text}' is no STUN or TURN URI: {error}");
    }

    /// <summary>Reads a URI, or says that the text is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out StunUri? uri)
    {
        uri = null;
        return text is not null && TryParse(text, out uri, out _);
    }

    /// <summary>The URI in text, without what is its default anyway.</summary>
    public override string ToString()
    {
        string host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        string port = ExplicitPort is { } number ? string.Create(CultureInfo.InvariantCulture, $":{number}") : "";
        string transport = ExplicitTransport switch { StunTransport.Udp => "?transport=udp", StunTransport.Tcp => "?transport=tcp", _ => "" };
        string scheme = Scheme switch { StunScheme.Stun => "stun", StunScheme.Stuns => "stuns", StunScheme.Turn => "turn", _ => "turns" };
        return $"{scheme}:{host}{port}{transport}";
    }

    private static bool TryParse(string text, [NotNullWhen(true)] out StunUri? uri, [NotNullWhen(false)] out string? error)
    {
        uri = null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !TryParseScheme(text.AsSpan(0, colon), out StunScheme scheme))
        {
            error = "it begins with stun:, stuns:, turn: or turns:.";
            return false;
        }

        ReadOnlySpan<char> rest = text.AsSpan(colon + 1);
        if (rest.StartsWith("//"))
        {
            error = "there is no // after the scheme, as in stun:stun.example.org.";
            return false;
        }

        StunTransport? transport = null;
        int query = rest.IndexOf('?');
        if (query >= 0)
        {
            if (!TryParseTransport(scheme, rest[query..], out transport, out error))
                return false;
            rest = rest[..query];
        }

        if (!TryParseHost(rest, out string? host, out ReadOnlySpan<char> after, out bool isAddress, out error) || !TryParsePort(after, out int? port, out error))
            return false;
        // RFC 8489 §8.1: "A "stuns" URI containing an IP address MUST be rejected."
        if (scheme == StunScheme.Stuns && isAddress)
        {
            error = "a stuns: URI needs a name, since a certificate is checked against it, not an IP address (RFC 8489 section 8.1).";
            return false;
        }

        uri = new StunUri(scheme, host, port, transport);
        error = null;
        return true;
    }

    private static bool TryParseScheme(ReadOnlySpan<char> text, out StunScheme scheme)
    {
        for (scheme = StunScheme.Stun; scheme <= StunScheme.Turns; scheme++)
        {
            if (text.Equals(scheme.ToString(), StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static bool TryParseTransport(StunScheme scheme, ReadOnlySpan<char> query, out StunTransport? transport, [NotNullWhen(false)] out string? error)
    {
        const string Name = "?transport=";
        transport = null;
        error = null;
        if (scheme is StunScheme.Stun or StunScheme.Stuns)
            error = "only turn: and turns: take ?transport=.";
        else if (!query.StartsWith(Name, StringComparison.OrdinalIgnoreCase))
            error = "after the host and the port only ?transport= may follow.";
        else if (query[Name.Length..].Equals("udp", StringComparison.OrdinalIgnoreCase))
            transport = StunTransport.Udp;
        else if (query[Name.Length..].Equals("tcp", StringComparison.OrdinalIgnoreCase))
            transport = StunTransport.Tcp;
        else
            error = "the transport is udp or tcp.";
        return error is null;
    }

    private static bool TryParseHost(
        ReadOnlySpan<char> text,
        [NotNullWhen(true)] out string? host,
        out ReadOnlySpan<char> after,
        out bool isAddress,
        [NotNullWhen(false)] out string? error)
    {
        host = null;
        error = null;
        isAddress = false;
        after = default;
        if (text.StartsWith('['))
        {
            int close = text.IndexOf(']');
            ReadOnlySpan<char> literal = close < 0 ? default : text[1..close];
            if (!IPAddress.TryParse(literal, out IPAddress? address) || address.AddressFamily != AddressFamily.InterNetworkV6 || literal.Contains('%'))
            {
                error = "the brackets have to hold an IPv6 address, without a zone.";
                return false;
            }

            host = literal.ToString();
            after = text[(close + 1)..];
            isAddress = true;
            return true;
        }

        int colon = text.IndexOf(':');
        ReadOnlySpan<char> name = colon < 0 ? text : text[..colon];
        after = colon < 0 ? default : text[colon..];
        if (after.Count(':') > 1)
            error = "an IPv6 address stands in brackets, as in stun:[2001:db8::1]:3478.";
        else if (!StunText.IsDnsName(name))
            error = "the host is a DNS name in ASCII (xn-- for others) or an IP address.";
        host = name.ToString();
        isAddress = TransportAddress.TryParse(name, 0, out _);
        if (error is null && !isAddress && char.IsAsciiDigit(name[^1]) && !name[(name.LastIndexOf('.') + 1)..].ContainsAnyExceptInRange('0', '9'))
            error = "the host looks like an IPv4 address but is none.";
        return error is null;
    }

    private static bool TryParsePort(ReadOnlySpan<char> text, out int? port, [NotNullWhen(false)] out string? error)
    {
        port = null;
        error = null;
        // A port may be empty, which is the same as none (RFC 3986 §3.2.3).
        if (text.IsEmpty || text is ":")
            return true;
        if (text[0] != ':' || !int.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > ushort.MaxValue)
        {
            error = "a port is a number of 1 to 65535.";
            return false;
        }

        port = number;
        return true;
    }
}
