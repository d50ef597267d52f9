using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Stun;

/// <summary>How long the text of an attribute may be when it is sent (RFC 8489 §14.3, §14.8 to §14.10, §14.14, §14.16).</summary>
public static class StunText
{
    /// <summary>USERNAME has fewer than 509 bytes.</summary>
    public const int MaxUsernameBytes = 508;

    /// <summary>REALM, NONCE, SOFTWARE and a reason phrase have fewer than 128 characters.</summary>
    public const int MaxCharacters = 127;

    /// <summary>ALTERNATE-DOMAIN has at most 255 ASCII characters.</summary>
    public const int MaxDomainLength = 255;

    /// <summary>Whether text is a DNS name in ASCII: labels of letters, digits, hyphens and underscores, with dots between them.</summary>
    internal static bool IsDnsName(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > MaxDomainLength)
            return false;
        if (text[^1] == '.')
            text = text[..^1];
        foreach (Range range in text.Split('.'))
        {
            ReadOnlySpan<char> label = text[range];
            if (label.IsEmpty || label.Length > 63 || label[0] == '-' || label[^1] == '-')
                return false;
            foreach (char character in label)
            {
                if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))
                    return false;
            }
        }

        return true;
    }

    /// <summary>Checks text against the limits of its attribute.</summary>
    /// <returns>Its length in UTF-8.</returns>
    internal static int Check(StunAttributeType type, string text)
    {
        (int bytes, int characters) = Ascii.IsValid(text) ? (text.Length, text.Length) : Measure(type, text);
        bool fits = type switch
        {
            // RFC 8489 §14.3: "It MUST contain a UTF-8-encoded [RFC3629] sequence of fewer than 509 bytes"
            StunAttributeType.Username => bytes <= MaxUsernameBytes,
            StunAttributeType.Realm or StunAttributeType.Nonce or StunAttributeType.Software or StunAttributeType.ErrorCode => characters <= MaxCharacters,
            // RFC 8489 §14.16: "It MUST be a valid DNS name [RFC1123] (including A-labels [RFC5890]) of 255 or fewer ASCII characters."
            StunAttributeType.AlternateDomain => IsDnsName(text),
            _ => true,
        };
        if (!fits)
            ThrowTooLong(type, text, bytes, characters);
        return bytes;
    }

    private static (int Bytes, int Characters) Measure(StunAttributeType type, string text)
    {
        int bytes = 0;
        int characters = 0;
        for (int index = 0; index < text.Length; characters++)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(index), out Rune rune, out int consumed) != OperationStatus.Done)
                throw new ArgumentException($"The text for {type} has a lone surrogate at {index} and cannot be written as UTF-8.", nameof(text));
            bytes += rune.Utf8SequenceLength;
            index += consumed;
        }

        return (bytes, characters);
    }

    [DoesNotReturn]
    private static void ThrowTooLong(StunAttributeType type, string text, int bytes, int characters) => throw type switch
    {
        StunAttributeType.Username => new ArgumentException($"A USERNAME has at most {MaxUsernameBytes} bytes, not {bytes}.", nameof(text)),
        StunAttributeType.AlternateDomain => new ArgumentException($"An ALTERNATE-DOMAIN is a DNS name of at most {MaxDomainLength} ASCII characters.", nameof(text)),
        _ => new ArgumentException($"The text for {type} has at most {MaxCharacters} characters, not {characters}.", nameof(text)),
    };
}
