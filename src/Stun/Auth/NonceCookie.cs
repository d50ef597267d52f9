using System.Buffers.Text;

namespace Stun;

/// <summary>The 13 characters with which the NONCE of an RFC 8489 server begins (§9.2): "obMatJos2" and the security features in base64.</summary>
public static class NonceCookie
{
    /// <summary>The length of the cookie in bytes.</summary>
    public const int Length = 13;

    /// <summary>What every cookie begins with.</summary>
    public static ReadOnlySpan<byte> Prefix => "obMatJos2"u8;

    /// <summary>Reads the cookie at the start of a nonce.</summary>
    /// <returns>False when the nonce has none: the server is of RFC 5389.</returns>
    public static bool TryRead(ReadOnlySpan<byte> nonce, out StunSecurityFeatures features)
    {
        features = StunSecurityFeatures.None;
        if (nonce.Length < Length || !nonce.StartsWith(Prefix))
            return false;
        Span<byte> bits = stackalloc byte[3];
        if (Base64.DecodeFromUtf8(nonce[Prefix.Length..Length], bits, out int consumed, out int written) != System.Buffers.OperationStatus.Done
            || consumed != 4 || written != 3)
            return false;
        features = (StunSecurityFeatures)((bits[0] << 16) | (bits[1] << 8) | bits[2]);
        return true;
    }

    /// <summary>Writes a cookie.</summary>
    /// <param name="features">What the server supports.</param>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public static void Write(StunSecurityFeatures features, Span<byte> destination)
    {
        if (destination.Length < Length)
            throw new ArgumentException($"The destination needs {Length} bytes.", nameof(destination));
        // RFC 8489 §9.2: "The 24-bit Security Feature set is encoded as 3 bytes, with bit 0 as the most significant bit of the first byte
        // and bit 23 as the least significant bit of the third byte."
        Span<byte> bits = [(byte)((int)features >> 16), (byte)((int)features >> 8), (byte)features];
        Prefix.CopyTo(destination);
        _ = Base64.EncodeToUtf8(bits, destination[Prefix.Length..], out _, out _);
    }
}
