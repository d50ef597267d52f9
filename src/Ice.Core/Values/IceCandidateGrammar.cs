using System.Buffers;
using Stun;

namespace Ice;

/// <summary>The character sets and limits of RFC 8839 §5.1, shared by what reads and what writes.</summary>
internal static class IceCandidateGrammar
{
    internal const int MaxFoundationLength = 32;
    internal const int MaxComponent = 256;
    internal const uint MaxPriority = int.MaxValue;
    internal const int MaxHostNameLength = 255;

    private const string Alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static readonly SearchValues<char> s_ice = SearchValues.Create(Alphanumeric + "+/");
    private static readonly SearchValues<char> s_token = SearchValues.Create(Alphanumeric + "-.!%*_+`'~");
    private static readonly SearchValues<char> s_name = SearchValues.Create(Alphanumeric + "-._");
    private static readonly SearchValues<char> s_ipv4 = SearchValues.Create("0123456789.");
    private static readonly SearchValues<char> s_ipv6 = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>1*32ice-char.</summary>
    internal static bool IsFoundation(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= MaxFoundationLength && !text.ContainsAnyExcept(s_ice);

    /// <summary>1*ice-char, as option tags are.</summary>
    internal static bool IsIceText(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExcept(s_ice);

    /// <summary>A token of RFC 3261 §25.1.</summary>
    internal static bool IsToken(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExcept(s_token);

    /// <summary>*VCHAR.</summary>
    internal static bool IsVisible(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('!', '~');

    /// <summary>
    /// A host name: letters, digits, '-', '.' and '_' (which mDNS names of some peers hold). A name that ends in a number is refused,
    /// because resolvers take it for an IPv4 address.
    /// </summary>
    internal static bool IsHostName(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxHostNameLength || text.ContainsAnyExcept(s_name))
            return false;
        ReadOnlySpan<char> name = text[^1] == '.' ? text[..^1] : text;
        ReadOnlySpan<char> last = name[(name.LastIndexOf('.') + 1)..];
        bool number = !last.ContainsAnyExceptInRange('0', '9') || last.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return last.Length > 0 && !number;
    }

    /// <summary>Reads a connection-address that is an IP address. A zone is left out: it names an interface of the peer's machine.</summary>
    internal static bool TryParseAddress(ReadOnlySpan<char> text, int port, out TransportAddress address, out bool hadZone)
    {
        address = default;
        hadZone = false;
        // RFC 8839 §5.1: "the presence of a colon indicates IPv6."
        if (!text.Contains(':'))
            return IsDottedQuad(text) && TransportAddress.TryParse(text, port, out address);

        int zone = text.IndexOf('%');
        hadZone = zone >= 0;
        ReadOnlySpan<char> literal = hadZone ? text[..zone] : text;
        return !literal.ContainsAnyExcept(s_ipv6) && TransportAddress.TryParse(literal, port, out address);
    }

    /// <summary>What is wrong with a candidate that was put together by hand, or null.</summary>
    internal static string? Validate(IceCandidate candidate)
    {
        if (!IsFoundation(candidate.Foundation))
            return $"foundation: it must have 1 to {MaxFoundationLength} characters out of A-Z a-z 0-9 + / (RFC 8839 §5.1).";
        if (candidate.Component is < 1 or > MaxComponent)
            return $"component: {candidate.Component} is not a number from 1 to {MaxComponent} (RFC 8839 §5.1).";
        if (!IsToken(candidate.TransportToken) || ToTransport(candidate.TransportToken) != candidate.Transport)
            return $"transport: the token '{candidate.TransportToken}' does not stand for {candidate.Transport}.";
        if (candidate.Priority is 0 or > MaxPriority)
            return $"priority: {candidate.Priority} is not a number from 1 to {MaxPriority} (RFC 8839 §5.1).";
        if (candidate.HostName is null ? candidate.Address.IsNone : !IsHostName(candidate.HostName))
            return "connection-address: set Address, or a HostName of letters, digits, '-' and '.'.";
        if (candidate.Port is < 0 or > ushort.MaxValue)
            return $"port: {candidate.Port} is not a number from 0 to 65535.";
        foreach (IceCandidateExtension extension in candidate.Extensions)
        {
            if (extension.Name is not { Length: > 0 } || extension.Value is null || !IsVisible(extension.Name) || !IsVisible(extension.Value))
                return $"extension {extension.Name}: names and values hold visible ASCII characters only (RFC 8839 §5.1).";
        }

        return null;
    }

    internal static IceTransport ToTransport(ReadOnlySpan<char> token) =>
        token.Equals("udp", StringComparison.OrdinalIgnoreCase) ? IceTransport.Udp
        : token.Equals("tcp", StringComparison.OrdinalIgnoreCase) ? IceTransport.Tcp
        : IceTransport.Other;

    // IPAddress reads 010.0.0.1 as octal; RFC 4566 allows no leading zeros, and others would read 10.0.0.1.
    private static bool IsDottedQuad(ReadOnlySpan<char> text)
    {
        if (text.Length is < 7 or > 15 || text.ContainsAnyExcept(s_ipv4))
            return false;
        foreach (Range part in text.Split('.'))
        {
            ReadOnlySpan<char> digits = text[part];
            if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0'))
                return false;
        }

        return true;
    }
}
