using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Stun;

/// <summary>The two HMACs of STUN (RFC 8489 §14.5, §14.6), for keys that are used once. <see cref="StunKey"/> is faster for keys that are kept.</summary>
internal static class MessageIntegrity
{
    public const int Sha1Length = 20;
    public const int Sha256Length = 32;
    public const int Sha256MinLength = 16;

    private const int StackLimit = 1024;

    /// <summary>Computes HMAC-SHA1 over a message prefix whose length field is replaced.</summary>
    public static void ComputeSha1(ReadOnlySpan<byte> key, ReadOnlySpan<byte> covered, ushort lengthField, Span<byte> destination)
    {
        if (SystemCryptography.IsRequired)
            ComputeBySystem(key, covered, lengthField, destination, sha256: false);
        else
            new HmacSha1(key).Compute(covered, lengthField, destination);
    }

    /// <summary>Computes HMAC-SHA256 over a message prefix whose length field is replaced.</summary>
    public static void ComputeSha256(ReadOnlySpan<byte> key, ReadOnlySpan<byte> covered, ushort lengthField, Span<byte> destination) =>
        ComputeBySystem(key, covered, lengthField, destination, sha256: true);

    public static void CheckMinLength(int minLength)
    {
        if (minLength is < Sha256MinLength or > Sha256Length)
            throw new ArgumentOutOfRangeException(nameof(minLength), minLength, $"MESSAGE-INTEGRITY-SHA256 has {Sha256MinLength} to {Sha256Length} bytes.");
    }

    internal static void ComputeBySystem(ReadOnlySpan<byte> key, ReadOnlySpan<byte> covered, ushort lengthField, Span<byte> destination, bool sha256)
    {
        byte[]? rented = covered.Length > StackLimit ? ArrayPool<byte>.Shared.Rent(covered.Length) : null;
        Span<byte> text = rented is null ? stackalloc byte[StackLimit] : rented;
        text = text[..covered.Length];
        covered.CopyTo(text);
        BinaryPrimitives.WriteUInt16BigEndian(text[2..], lengthField);
        if (sha256)
        {
            _ = HMACSHA256.HashData(key, text, destination);
        }
        else
        {
#pragma warning disable CA5350 // MESSAGE-INTEGRITY is HMAC-SHA1: the protocol chose it
            _ = HMACSHA1.HashData(key, text, destination);
#pragma warning restore CA5350
        }

        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }
}
