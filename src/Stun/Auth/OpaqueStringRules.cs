using System.Globalization;
using System.Text;

namespace Stun;

/// <summary>Which characters the FreeformClass of RFC 8264 §4.3 allows, and where.</summary>
internal static class OpaqueStringRules
{
    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;

    // Signs of class Virama (canonical combining class 9) in the scripts that write conjuncts with joiners.
    private static readonly HashSet<int> s_viramas =
    [
        0x094D, 0x09CD, 0x0A4D, 0x0ACD, 0x0B4D, 0x0BCD, 0x0C4D, 0x0CCD, 0x0D3B, 0x0D3C, 0x0D4D, 0x0DCA, 0x0E3A, 0x0EBA, 0x0F84, 0x1039, 0x103A,
        0x1714, 0x1734, 0x17D2, 0x1A60, 0x1B44, 0x1BAA, 0x1BAB, 0x1BF2, 0x1BF3, 0x2D7F, 0xA806, 0xA8C4, 0xA953, 0xA9C0, 0xAAF6, 0xABED,
    ];

    /// <summary>Whether every character is allowed where it stands. The text is well-formed and normalized.</summary>
    public static bool Accepts(string text)
    {
        Rune previous = default;
        int index = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            index += rune.Utf16SequenceLength;
            Rune next = index < text.Length ? Rune.GetRuneAt(text, index) : default;
            if (!IsAllowed(rune) || !IsInContext(rune, previous, next, text))
                return false;
            previous = rune;
        }

        return true;
    }

    /// <summary>Whether the text is well-formed UTF-16 of assigned characters.</summary>
    public static bool AreAssigned(string text)
    {
        for (int index = 0; index < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, index, out Rune rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherNotAssigned)
                return false;
            index += rune.Utf16SequenceLength;
        }

        return true;
    }

    private static bool IsAllowed(Rune rune)
    {
        if (IsDefaultIgnorable(rune.Value) || IsConjoiningJamo(rune.Value) || IsException(rune.Value))
            return false;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate => false,
            UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
            UnicodeCategory.Format => rune.Value is ZeroWidthNonJoiner or ZeroWidthJoiner,
            _ => true,
        };
    }

    // The characters that need a context (RFC 5892, appendix A).
    private static bool IsInContext(Rune rune, Rune previous, Rune next, string text) => rune.Value switch
    {
        ZeroWidthNonJoiner or ZeroWidthJoiner => s_viramas.Contains(previous.Value),
        0x00B7 => previous.Value == 'l' && next.Value == 'l',
        0x0375 => next.Value is (>= 0x0370 and <= 0x03FF) or (>= 0x1F00 and <= 0x1FFF),
        0x05F3 or 0x05F4 => previous.Value is >= 0x0590 and <= 0x05FF,
        0x30FB => ContainsJapanese(text),
        >= 0x0660 and <= 0x0669 => !text.AsSpan().ContainsAnyInRange('\u06F0', '\u06F9'),
        >= 0x06F0 and <= 0x06F9 => !text.AsSpan().ContainsAnyInRange('\u0660', '\u0669'),
        _ => true,
    };

    private static bool IsDefaultIgnorable(int value) => value is 0x034F or 0x3164 or 0xFFA0 or 0x115F or 0x1160 or 0x17B4 or 0x17B5
        or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0000 and <= 0xE0FFF);

    private static bool IsConjoiningJamo(int value) => value is (>= 0x1100 and <= 0x11FF) or (>= 0xA960 and <= 0xA97C) or (>= 0xD7B0 and <= 0xD7FB);

    // The exceptions that are disallowed (RFC 5892 §2.6).
    private static bool IsException(int value) => value is 0x0640 or 0x07FA or 0x302E or 0x302F or (>= 0x3031 and <= 0x3035) or 0x303B;

    private static bool ContainsJapanese(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is (>= 0x3041 and <= 0x309F) or (>= 0x30A1 and <= 0x30FA) or (>= 0x30FC and <= 0x30FF)
                or 0x3005 or 0x3007 or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x323AF))
                return true;
        }

        return false;
    }
}
