using System.Text;
using Stun;

namespace Turn;

/// <summary>How a request failed: what its owner needs of an error response, or that none came.</summary>
/// <param name="Failure">Why.</param>
/// <param name="Code">The error code; 0 without an error response.</param>
internal sealed record RequestError(TurnFailure Failure, int Code = 0)
{
    private const int MaxReasonLength = 127;

    /// <summary>The server's reason phrase, fit to be shown; empty if there is none.</summary>
    public string Reason { get; private init; } = "";

    /// <summary>ALTERNATE-SERVER; none if absent.</summary>
    public TransportAddress AlternateServer { get; private init; }

    /// <summary>ALTERNATE-DOMAIN; null if absent.</summary>
    public string? AlternateDomain { get; private init; }

    /// <summary>Whether UNKNOWN-ATTRIBUTES lists DONT-FRAGMENT.</summary>
    public bool DontFragmentUnknown { get; private init; }

    /// <summary>Reads an error response.</summary>
    /// <param name="response">The response; has an ERROR-CODE.</param>
    /// <param name="code">Its code.</param>
    /// <param name="reasonUtf8">Its reason phrase.</param>
    public static RequestError Read(scoped in StunMessage response, int code, ReadOnlySpan<byte> reasonUtf8)
    {
        _ = response.TryGetAddress(StunAttributeType.AlternateServer, out TransportAddress server);
        Span<ushort> unknown = stackalloc ushort[16];
        bool listed = response.TryGetUnknownAttributes(unknown, out int count)
            && unknown[..Math.Min(count, unknown.Length)].Contains((ushort)StunAttributeType.DontFragment);
        return new RequestError(TurnFailure.Refused, code)
        {
            Reason = ReadReason(reasonUtf8),
            AlternateServer = server,
            AlternateDomain = response.TryGetAlternateDomain(out string domain) ? domain : null,
            DontFragmentUnknown = listed,
        };
    }

    // Some servers pad the phrase with NULs within its length; and nobody's control characters belong into logs.
    private static string ReadReason(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > StunMessage.MaxTextLength)
            utf8 = utf8[..StunMessage.MaxTextLength];
        var text = new StringBuilder(MaxReasonLength);
        foreach (char character in Encoding.UTF8.GetString(utf8))
        {
            if (!char.IsControl(character) && text.Length < MaxReasonLength)
                _ = text.Append(character);
        }

        return text.ToString().Trim();
    }
}
