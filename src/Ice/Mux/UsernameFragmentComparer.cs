using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Ice;

/// <summary>Compares username fragments as text and as the bytes of a USERNAME: they are ASCII (RFC 8839 §5.4), one byte a character.</summary>
internal sealed class UsernameFragmentComparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
{
    // RFC 8839 §5.4: "ufrag                 = 4*256ice-char"
    private const int MaxLength = 256;

    public static UsernameFragmentComparer Instance { get; } = new();

    public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

    public int GetHashCode([DisallowNull] string obj)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        return GetHashCode(bytes[..Encoding.ASCII.GetBytes(obj, bytes)]);
    }

    public bool Equals(ReadOnlySpan<byte> alternate, string other) => Ascii.Equals(alternate, other);

    // Seeded anew in each process: who chooses usernames cannot choose where they fall.
    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        HashCode hash = default;
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    public string Create(ReadOnlySpan<byte> alternate) => Encoding.ASCII.GetString(alternate);
}
