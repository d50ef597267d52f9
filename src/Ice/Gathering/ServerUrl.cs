using System.Globalization;

namespace Ice;

/// <summary>What gathering needs of a server's URL (RFC 7064, RFC 7065).</summary>
/// <param name="Host">The name or the address.</param>
/// <param name="Port">The port.</param>
/// <param name="Unsupported">Why the server cannot be used, or null.</param>
internal readonly record struct ServerUrl(string Host, int Port, string? Unsupported)
{
    private const int DefaultPort = 3478;

    public static ServerUrl Parse(string url)
    {
        int colon = url.IndexOf(':', StringComparison.Ordinal);
        string scheme = colon < 0 ? "" : url[..colon];
        if (!scheme.Equals("stun", StringComparison.OrdinalIgnoreCase))
            return new ServerUrl("", 0, $"'{scheme}' servers are not supported in this version: only stun: over UDP is.");
        string rest = url[(colon + 1)..];
        int port = DefaultPort;
        int end = rest.LastIndexOf(':');
        if (end > rest.LastIndexOf(']') && int.TryParse(rest[(end + 1)..], CultureInfo.InvariantCulture, out int given))
        {
            port = given;
            rest = rest[..end];
        }

        return new ServerUrl(rest.Trim('[', ']'), port, null);
    }
}
