using System.Globalization;
using System.Text;

namespace Stun;

/// <summary>The OpaqueString profile of RFC 8265 §4.2, in which usernames, realms and passwords are compared (RFC 8489 §9.1.1, §9.2.2, §14.4).</summary>
/// <remarks>
/// ASCII text stays as it is; control characters are refused. Elsewhere spaces other than U+0020 become U+0020, the text is brought into
/// Normalization Form C, and what the FreeformClass of RFC 8264 disallows is refused: control, invisible, private-use and unassigned
/// characters, conjoining jamo, and joiners and digits out of their context. A process that runs without globalization data
/// (<c>InvariantGlobalization</c>) cannot normalize: there the text has to be given in Form C.
/// </remarks>
public static class OpaqueString
{
    /// <summary>Brings text into the profile's form.</summary>
    /// <returns>False when the text is empty or holds a character that the profile refuses.</returns>
    public static bool TryEnforce(string text, out string result)
    {
        ArgumentNullException.ThrowIfNull(text);
        result = text;
        if (Ascii.IsValid(text))
            return text.Length > 0 && !text.AsSpan().ContainsAnyInRange('\0', '\u001F') && !text.Contains('\u007F', StringComparison.Ordinal);
        // Normalize throws on what is not well-formed or not a character, which may come from the network.
        if (!OpaqueStringRules.AreAssigned(text))
            return false;
        result = MapSpaces(text).Normalize(NormalizationForm.FormC);
        return OpaqueStringRules.Accepts(result);
    }

    /// <summary>Brings text into the profile's form.</summary>
    /// <exception cref="ArgumentException">The text is empty or holds a character that the profile refuses. The message does not quote the text.</exception>
    public static string Enforce(string text) => TryEnforce(text, out string result)
        ? result
        : throw new ArgumentException(
            text.Length == 0
                ? "A username, realm or password may not be empty."
                : "The text holds a control, invisible, unassigned or otherwise disallowed character (RFC 8265 OpaqueString): remove it.",
            nameof(text));

    // Any non-ASCII space becomes U+0020 (RFC 8265 §4.2.1).
    private static string MapSpaces(string text) => string.Create(text.Length, text, static (destination, source) =>
    {
        for (int index = 0; index < source.Length; index++)
            destination[index] = char.GetUnicodeCategory(source[index]) == UnicodeCategory.SpaceSeparator ? ' ' : source[index];
    });
}
