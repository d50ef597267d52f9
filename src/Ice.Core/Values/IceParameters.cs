using System.Buffers;
using Stun;

namespace Ice;

/// <summary>What an agent tells its peer once per ICE session: credentials and options (RFC 8839 §5.3 to §5.6).</summary>
/// <remarks>Immutable. <see cref="ToString"/> leaves the password out.</remarks>
/// <param name="UsernameFragment">ice-ufrag: 4 to 256 characters of ALPHA, DIGIT, '+' and '/'.</param>
/// <param name="Password">ice-pwd: 22 to 256 of the same characters. A secret.</param>
public sealed record IceParameters(string UsernameFragment, string Password)
{
    /// <summary>The fewest characters of a username fragment (RFC 8839 §5.4).</summary>
    public const int MinUsernameFragmentLength = 4;

    /// <summary>The fewest characters of a password (RFC 8839 §5.4).</summary>
    public const int MinPasswordLength = 22;

    /// <summary>The most characters of either (RFC 8839 §5.4).</summary>
    public const int MaxLength = 256;

    private static readonly SearchValues<char> s_iceCharacters = SearchValues.Create(IceCharacters);
    private const string IceCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>The agent is a lite implementation: <c>a=ice-lite</c>.</summary>
    public bool Lite { get; init; }

    /// <summary>The options of <c>a=ice-options</c>, such as <c>trickle</c>, <c>ice2</c> and <c>renomination</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>The pacing (Ta) that the agent asks for, in ms (<c>a=ice-pacing</c>); null when it said nothing.</summary>
    public int? PacingMilliseconds { get; init; }

    /// <summary>Whether the options include <paramref name="option"/>, compared as RFC 8839 does: case-sensitively.</summary>
    public bool HasOption(string option) => Options.Contains(option, StringComparer.Ordinal);

    /// <summary>Makes fresh credentials: 8 characters (48 bits) and 24 characters (144 bits).</summary>
    /// <remarks>
    /// RFC 8839 §5.4: the attributes are to hold "24 bits of randomness" and "128 bits of randomness" at least.
    /// </remarks>
    public static IceParameters Create(EntropySource entropy)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        return new IceParameters(RandomText(entropy, 8), RandomText(entropy, 24));
    }

    /// <summary>Says what is wrong with the credentials, or null when nothing is.</summary>
    public string? Validate()
    {
        if (!IsIceText(UsernameFragment, MinUsernameFragmentLength))
            return $"The username fragment must have {MinUsernameFragmentLength} to {MaxLength} characters out of A-Z a-z 0-9 + / (RFC 8839 §5.4); it has {UsernameFragment?.Length ?? 0}.";
        return IsIceText(Password, MinPasswordLength)
            ? null
            : $"The password must have {MinPasswordLength} to {MaxLength} characters out of A-Z a-z 0-9 + / (RFC 8839 §5.4); it has {Password?.Length ?? 0}.";
    }

    /// <summary>The parameters without the password.</summary>
    public override string ToString() =>
        $"ice-ufrag {UsernameFragment}, ice-pwd (hidden){(Lite ? ", ice-lite" : "")}{(Options.Count > 0 ? ", options " + string.Join(' ', Options) : "")}";

    private static bool IsIceText(string? text, int minimum) =>
        text is not null && text.Length >= minimum && text.Length <= MaxLength && !text.AsSpan().ContainsAnyExcept(s_iceCharacters);

    private static string RandomText(EntropySource entropy, int length)
    {
        Span<byte> bytes = stackalloc byte[length];
        entropy.Fill(bytes);
        Span<char> text = stackalloc char[length];
        for (int i = 0; i < length; i++)
            text[i] = IceCharacters[bytes[i] & 63];
        return new string(text);
    }
}
