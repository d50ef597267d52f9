using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Ice;

public sealed partial record IceCandidate : ISpanParsable<IceCandidate>, ISpanFormattable, IUtf8SpanFormattable
{
    /// <summary>The longest text that is parsed, in characters.</summary>
    public const int MaxTextLength = 2048;

    // The text this instance was parsed from, where it is not the canonical one. A copy made by `with` holds both fields too, but is not
    // its own _textOwner: it says something else, so it writes itself anew.
    private readonly string? _text;
    private readonly IceCandidate? _textOwner;

    [SetsRequiredMembers]
    internal IceCandidate(IceCandidate parsed, string text)
        : this(parsed)
    {
        _text = text;
        _textOwner = this;
    }

    /// <summary>Reads a candidate as a peer's signalling carries it: <c>candidate:...</c>, <c>a=candidate:...</c> or the bare fields.</summary>
    /// <param name="s">The text, at most <see cref="MaxTextLength"/> characters.</param>
    /// <param name="provider">Not used: the format knows no culture.</param>
    /// <exception cref="FormatException">The text is no candidate; the message names the field and says what was expected.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="s"/> is null.</exception>
    public static IceCandidate Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc cref="Parse(string, IFormatProvider?)"/>
    public static IceCandidate Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, out IceCandidate? candidate, out string? error) ? candidate : throw new FormatException(error);

    /// <summary>Reads a candidate, or says that the text is none. Never throws.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IceCandidate? candidate) =>
        TryParse(text, out candidate, out _);

    /// <summary>Reads a candidate, or says which field is wrong. Never throws.</summary>
    /// <param name="text">The text, with or without <c>candidate:</c> or <c>a=candidate:</c> before it.</param>
    /// <param name="candidate">The candidate; null when the text is none.</param>
    /// <param name="error">What is wrong, beginning with the field's name; null when nothing is.</param>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IceCandidate? candidate, [NotNullWhen(false)] out string? error) =>
        IceCandidateParser.TryParse(text, out candidate, out error);

    /// <summary>The candidate as the value of an SDP attribute: <c>candidate:...</c>; what was parsed comes back byte for byte.</summary>
    public override string ToString() => ReferenceEquals(_textOwner, this) ? _text! : IceCandidateWriter.Write(this);

    static bool IParsable<IceCandidate>.TryParse(string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out IceCandidate result) =>
        TryParse(s, out result);

    static bool ISpanParsable<IceCandidate>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, [MaybeNullWhen(false)] out IceCandidate result) =>
        TryParse(s, out result);

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        string text = ToString();
        charsWritten = text.TryCopyTo(destination) ? text.Length : 0;
        return charsWritten > 0;
    }

    bool IUtf8SpanFormattable.TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Encoding.UTF8.TryGetBytes(ToString(), utf8Destination, out bytesWritten);
}
