using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Ice;

/// <summary>
/// The body of a message that trickles candidates: <c>application/trickle-ice-sdpfrag</c> (RFC 8840 §9), sent in SIP INFO requests and in
/// the HTTP PATCH requests of WHIP (RFC 9725 §4.3). Session-level lines, then for each stream a pseudo <c>m=</c> line, its mid and its candidates.
/// </summary>
public static class SdpFragment
{
    /// <summary>The media type of the body.</summary>
    public const string MediaType = "application/trickle-ice-sdpfrag";

    /// <summary>Reads a body.</summary>
    /// <exception cref="FormatException">The text is no fragment, or longer than <see cref="IceSdp.MaxTextLength"/>.</exception>
    public static IceSdp Parse(ReadOnlySpan<char> body) => TryParse(body, out IceSdp? result, out string? error) ? result : throw new FormatException(error);

    /// <summary>Reads a body, or says why it is none. Never throws.</summary>
    /// <remarks>Lines that RFC 8840 does not name are ignored, as it asks; ICE attributes that do not follow their grammar are in <see cref="IceSdp.Refusals"/>.</remarks>
    public static bool TryParse(ReadOnlySpan<char> body, [NotNullWhen(true)] out IceSdp? result, [NotNullWhen(false)] out string? error)
    {
        if (!IceSdpReader.TryRead(body, out result, out error))
            return false;
        foreach (IceSdpMedia media in result.Media)
        {
            // RFC 8840 §4.4: "Agents MUST include a pseudo "m=" line and an identification tag in a "mid" attribute for every "m=" line whose candidate list they intend to update."
            if (media.Mid is null)
            {
                error = $"The fragment has an m= line without a=mid (m={media.MediaLine}): there is no telling which stream its candidates belong to.";
                result = null;
                return false;
            }
        }

        return true;
    }

    /// <summary>Writes a body, with CRLF line ends.</summary>
    /// <exception cref="InvalidOperationException">A value cannot be written; the message says which and why.</exception>
    public static string Write(IceSdp description)
    {
        ArgumentNullException.ThrowIfNull(description);
        var text = new StringBuilder();
        Append(text, description.GetSessionLines());
        foreach (IceSdpMedia media in description.Media)
        {
            if (media.Mid is null)
                throw new InvalidOperationException($"A fragment needs a Mid for each media section (RFC 8840 §4.4): set it for m={media.MediaLine}.");
            text.Append("m=").Append(IceSdpWriter.CheckedText(media.MediaLine, "m=")).Append("\r\n");
            Append(text, IceSdp.GetMediaLines(media));
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, IReadOnlyList<string> lines)
    {
        foreach (string line in lines)
            text.Append(line).Append("\r\n");
    }
}
