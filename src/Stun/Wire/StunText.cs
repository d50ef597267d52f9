using System.Buffers;
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
        int bytes = 0;
        int characters = 0;
        for (int index = 0; index < text.Length; characters++)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(index), out Rune rune, out int consumed) != OperationStatus.Done)
                throw new ArgumentException($"The text for {type} has a lone surrogate at {index} and cannot be written as UTF-8.", nameof(text));
            bytes += rune.Utf8SequenceLength;
            index += consumed;
        }

        switch (type)
        {
            // RFC 8489 §14.3: "It MUST contain a UTF-8-encoded [RFC3629] sequence of fewer than 509 bytes"
            case StunAttributeType.Username when bytes > MaxUsernameBytes:
                throw new ArgumentException($"A USERNAME has at most {MaxUsernameBytes} bytes, not {bytes}.", nameof(text));
            case StunAttributeType.Realm or StunAttributeType.Nonce or StunAttributeType.Software or StunAttributeType.ErrorCode when characters > MaxCharacters:
                throw new ArgumentException($"The text for {type} has at most {MaxCharacters} characters, not {characters}.", nameof(text));
            // RFC 8489 §14.16: "It MUST be a valid DNS name [RFC1123] (including A-labels [RFC5890]) of 255 or fewer ASCII characters."
            case StunAttributeType.AlternateDomain when !IsDnsName(text):
                throw new ArgumentException($"An ALTERNATE-DOMAIN is a DNS name of at most {MaxDomainLength} ASCII characters.", nameof(text));
            default:
                return bytes;
        }
    }
}
