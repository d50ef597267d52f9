using System.Buffers.Binary;

namespace Stun;

/// <content>Who sent it, and whether it came as it was sent.</content>
public readonly ref partial struct StunMessage
{
    /// <summary>Whether MESSAGE-INTEGRITY is present and right for a key (RFC 8489 §14.5). Compares in fixed time.</summary>
    public bool VerifyMessageIntegrity(ReadOnlySpan<byte> key)
    {
        if (!IsMessageIntegrityWellFormed())
            return false;
        Span<byte> expected = stackalloc byte[MessageIntegrity.Sha1Length];
        MessageIntegrity.ComputeSha1(key, CoveredBy(_integrity), LengthUpTo(_integrity), expected);
        return FixedTime.AreEqual(expected, ValueAt(_integrity));
    }

    /// <summary>Whether MESSAGE-INTEGRITY is present and right for a key (RFC 8489 §14.5). Compares in fixed time.</summary>
    public bool VerifyMessageIntegrity(StunKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!IsMessageIntegrityWellFormed())
            return false;
        Span<byte> expected = stackalloc byte[MessageIntegrity.Sha1Length];
        key.ComputeSha1(CoveredBy(_integrity), LengthUpTo(_integrity), expected);
        return FixedTime.AreEqual(expected, ValueAt(_integrity));
    }

    /// <summary>Whether MESSAGE-INTEGRITY-SHA256 is present and right for a key (RFC 8489 §14.6). Compares in fixed time.</summary>
    /// <param name="key">The key.</param>
    /// <param name="minLength">The shortest value that the usage allows, 16 to 32 bytes; 32 is no truncation.</param>
    public bool VerifyMessageIntegritySha256(ReadOnlySpan<byte> key, int minLength = MessageIntegrity.Sha256Length)
    {
        MessageIntegrity.CheckMinLength(minLength);
        if (!IsMessageIntegritySha256WellFormed(minLength))
            return false;
        Span<byte> expected = stackalloc byte[MessageIntegrity.Sha256Length];
        MessageIntegrity.ComputeSha256(key, CoveredBy(_integritySha256), LengthUpTo(_integritySha256), expected);
        ReadOnlySpan<byte> value = ValueAt(_integritySha256);
        return FixedTime.AreEqual(expected[..value.Length], value);
    }

    /// <summary>Whether MESSAGE-INTEGRITY-SHA256 is present and right for a key (RFC 8489 §14.6). Compares in fixed time.</summary>
    /// <param name="key">The key.</param>
    /// <param name="minLength">The shortest value that the usage allows, 16 to 32 bytes; 32 is no truncation.</param>
    public bool VerifyMessageIntegritySha256(StunKey key, int minLength = MessageIntegrity.Sha256Length)
    {
        ArgumentNullException.ThrowIfNull(key);
        MessageIntegrity.CheckMinLength(minLength);
        if (!IsMessageIntegritySha256WellFormed(minLength))
            return false;
        Span<byte> expected = stackalloc byte[MessageIntegrity.Sha256Length];
        key.ComputeSha256(CoveredBy(_integritySha256), LengthUpTo(_integritySha256), expected);
        ReadOnlySpan<byte> value = ValueAt(_integritySha256);
        return FixedTime.AreEqual(expected[..value.Length], value);
    }

    // RFC 8489 §14.5: "Since it uses the SHA-1 hash, the HMAC will be 20 bytes."
    private bool IsMessageIntegrityWellFormed() => _integrity != 0 && ValueAt(_integrity).Length == MessageIntegrity.Sha1Length;

    private bool IsMessageIntegritySha256WellFormed(int minLength)
    {
        if (_integritySha256 == 0)
            return false;
        int length = ValueAt(_integritySha256).Length;
        // RFC 8489 §14.6: "The value will be at most 32 bytes, but it MUST be at least 16 bytes and MUST be a multiple of 4 bytes."
        return length <= MessageIntegrity.Sha256Length && length >= minLength && (length & 3) == 0;
    }

    // RFC 8489 §14.5: "The text used as input to HMAC is the STUN message, up to and including the attribute preceding the
    // MESSAGE-INTEGRITY attribute. The Length field of the STUN message header is adjusted to point to the end of the
    // MESSAGE-INTEGRITY attribute."
    private ReadOnlySpan<byte> CoveredBy(int offset) => _bytes[..offset];

    private ushort LengthUpTo(int offset) => (ushort)(offset + 4 + ValueAt(offset).Length - HeaderLength);
}
