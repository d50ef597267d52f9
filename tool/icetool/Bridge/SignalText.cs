using System.Buffers.Text;
using System.IO.Compression;
using System.Text;
using Ice;

namespace IceTool.Bridge;

/// <summary>What one side tells the other, as one line of text to copy: credentials and candidates (RFC 8840 §9), packed.</summary>
/// <param name="IsOffer">An offer, or the answer to one.</param>
/// <param name="Parameters">The side's credentials. Secret: who has both lines can take part.</param>
/// <param name="Candidates">All its candidates.</param>
/// <param name="Offer">In an answer: the username fragment of the offer that it answers.</param>
internal sealed record SignalText(bool IsOffer, IceParameters Parameters, IReadOnlyList<IceCandidate> Candidates, string Offer)
{
    public const string OfferPrefix = "ice-offer:";
    public const string AnswerPrefix = "ice-answer:";

    private const int MaxLine = 32 * 1024;
    private const int MaxText = 64 * 1024;

    public static string PrefixOf(bool offer) => offer ? OfferPrefix : AnswerPrefix;

    public string Encode()
    {
        IceSdp description = IceSdp.FromParameters(Parameters, new IceSdpMedia { Mid = "0", Candidates = Candidates, EndOfCandidates = true });
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            deflate.Write(Encoding.UTF8.GetBytes($"{Offer}\n{SdpFragment.Write(description)}"));
        // A terminal takes no more than 4,095 characters a line: packed it stays far below.
        return PrefixOf(IsOffer) + Base64Url.EncodeToString(packed.ToArray());
    }

    /// <summary>Reads a line.</summary>
    /// <param name="line">What was pasted; spaces around it do not matter.</param>
    /// <param name="offer">Whether an offer is expected, or an answer.</param>
    /// <exception cref="FormatException">It is something else; the message says what is expected.</exception>
    public static SignalText Decode(string line, bool offer)
    {
        line = line.Trim();
        string prefix = PrefixOf(offer);
        if (line.StartsWith(PrefixOf(!offer), StringComparison.Ordinal))
            throw new FormatException($"This is {(offer ? "an answer" : "an offer")}, and {(offer ? "an offer" : "an answer")} is expected here: one side runs 'ice bridge offer', the other 'ice bridge answer'.");
        if (!line.StartsWith(prefix, StringComparison.Ordinal))
            throw new FormatException($"This is no line of the other side: copy the whole line that begins with {prefix}");
        (string answered, string fragment) = Unpack(line.AsSpan(prefix.Length)) ?? throw new FormatException("The line is damaged or cut off: copy the whole of it, to its last character.");
        if (!SdpFragment.TryParse(fragment, out IceSdp? description, out string? problem) || description is not { Media: [{ } media] })
            throw new FormatException($"The line holds no description of an agent: {problem ?? "it has not one stream"}");
        IceParameters parameters = description.GetParameters(media, out problem) ?? throw new FormatException(problem);
        return parameters.Validate() is { } wrong ? throw new FormatException(wrong) : new SignalText(offer, parameters, media.Candidates, answered);
    }

    private static (string Offer, string Fragment)? Unpack(ReadOnlySpan<char> packed)
    {
        if (packed.Length > MaxLine)
            return null;
        try
        {
            using var deflate = new DeflateStream(new MemoryStream(Base64Url.DecodeFromChars(packed)), CompressionMode.Decompress);
            byte[] text = new byte[MaxText];
            int length = deflate.ReadAtLeast(text, MaxText, throwOnEndOfStream: false);
            string[] parts = Encoding.UTF8.GetString(text, 0, length).Split('\n', 2);
            return length < MaxText && parts.Length == 2 ? (parts[0], parts[1]) : null;
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException)
        {
            return null;
        }
    }
}
