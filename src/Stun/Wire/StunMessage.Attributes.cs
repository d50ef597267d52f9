using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Stun;

/// <content>The attributes whose values have a type.</content>
public readonly ref partial struct StunMessage
{
    /// <summary>The longest text in bytes that has to be read (RFC 8489 §14.3, §14.8 to §14.10, §14.14); longer ones are refused.</summary>
    public const int MaxTextLength = 763;

    /// <summary>An attribute that holds an address in the way of MAPPED-ADDRESS (RFC 8489 §14.1).</summary>
    /// <returns>False when it is absent, of an unknown family, or of the wrong length.</returns>
    public bool TryGetAddress(StunAttributeType type, out TransportAddress value)
    {
        value = default;
        return TryGet(type, out ReadOnlySpan<byte> bytes) && StunAddress.TryRead(bytes, out value);
    }

    /// <summary>An attribute that holds an address in the way of XOR-MAPPED-ADDRESS (RFC 8489 §14.2).</summary>
    /// <returns>False when it is absent, of an unknown family, or of the wrong length.</returns>
    public bool TryGetXorAddress(StunAttributeType type, out TransportAddress value)
    {
        value = default;
        return TryGet(type, out ReadOnlySpan<byte> bytes) && TryReadXorAddress(bytes, out value);
    }

    /// <summary>Decodes the value of one attribute of this message in the way of XOR-MAPPED-ADDRESS, for types that occur more than once.</summary>
    public bool TryReadXorAddress(ReadOnlySpan<byte> attributeValue, out TransportAddress value)
    {
        value = default;
        return !_bytes.IsEmpty && StunAddress.TryReadXor(attributeValue, _bytes.Slice(4, 16), out value);
    }

    /// <summary>An attribute of exactly 32 bits.</summary>
    /// <returns>False when it is absent or has another length.</returns>
    public bool TryGetUInt32(StunAttributeType type, out uint value)
    {
        value = 0;
        if (!TryGet(type, out ReadOnlySpan<byte> bytes) || bytes.Length != 4)
            return false;
        value = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return true;
    }

    /// <summary>An attribute of exactly 64 bits.</summary>
    /// <returns>False when it is absent or has another length.</returns>
    public bool TryGetUInt64(StunAttributeType type, out ulong value)
    {
        value = 0;
        if (!TryGet(type, out ReadOnlySpan<byte> bytes) || bytes.Length != 8)
            return false;
        value = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return true;
    }

    /// <summary>An attribute that holds text, as a string (USERNAME, REALM, NONCE, SOFTWARE, ALTERNATE-DOMAIN).</summary>
    /// <returns>False when it is absent, not well-formed UTF-8, or longer than <see cref="MaxTextLength"/> bytes.</returns>
    public bool TryGetText(StunAttributeType type, out string value)
    {
        value = "";
        // RFC 8489 §14.3: "A compliant implementation MUST be able to parse a UTF-8-encoded sequence of 763 or fewer octets to be
        // compatible with [RFC5389]."
        if (!TryGet(type, out ReadOnlySpan<byte> bytes) || bytes.Length > MaxTextLength || !Utf8.IsValid(bytes))
            return false;
        value = Encoding.UTF8.GetString(bytes);
        return true;
    }

    /// <summary>ERROR-CODE (RFC 8489 §14.8).</summary>
    /// <param name="code">The code, 300 to 699.</param>
    /// <param name="reasonUtf8">The reason phrase as it came: for people, not to be trusted, possibly not well-formed.</param>
    /// <returns>False when it is absent, too short, or out of range.</returns>
    public bool TryGetErrorCode(out int code, out ReadOnlySpan<byte> reasonUtf8)
    {
        code = 0;
        reasonUtf8 = default;
        if (!TryGet(StunAttributeType.ErrorCode, out ReadOnlySpan<byte> bytes) || bytes.Length < 4)
            return false;
        // RFC 8489 §14.8: "The Reserved bits SHOULD be 0 and are for alignment on 32-bit boundaries. Receivers MUST ignore these bits."
        int hundreds = bytes[2] & 7;
        int number = bytes[3];
        // RFC 8489 §14.8: "The value MUST be between 3 and 6. The Number represents the binary encoding of the error code modulo 100,
        // and its value MUST be between 0 and 99."
        if (hundreds is < 3 or > 6 || number > 99)
            return false;
        code = (hundreds * 100) + number;
        reasonUtf8 = bytes[4..];
        return true;
    }

    /// <summary>UNKNOWN-ATTRIBUTES (RFC 8489 §14.13): the types that the server did not understand.</summary>
    /// <param name="destination">Gets the first types that fit.</param>
    /// <param name="count">How many types the attribute lists; more than <paramref name="destination"/> holds is possible.</param>
    /// <returns>False when it is absent or of odd length.</returns>
    public bool TryGetUnknownAttributes(Span<ushort> destination, out int count)
    {
        count = 0;
        if (!TryGet(StunAttributeType.UnknownAttributes, out ReadOnlySpan<byte> bytes) || (bytes.Length & 1) != 0)
            return false;
        count = bytes.Length / 2;
        for (int index = 0; index < Math.Min(count, destination.Length); index++)
            destination[index] = BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * index)..]);
        return true;
    }

    /// <summary>USERHASH (RFC 8489 §14.4).</summary>
    /// <returns>False when it is absent or not 32 bytes long.</returns>
    public bool TryGetUserHash(out ReadOnlySpan<byte> value) =>
        // RFC 8489 §14.4: "The value of USERHASH has a fixed length of 32 bytes."
        TryGet(StunAttributeType.UserHash, out value) && value.Length == 32;

    /// <summary>ALTERNATE-DOMAIN (RFC 8489 §14.16): the name to validate an alternate server's certificate against.</summary>
    /// <returns>False when it is absent or no DNS name of at most 255 ASCII characters.</returns>
    public bool TryGetAlternateDomain(out string value) =>
        TryGetText(StunAttributeType.AlternateDomain, out value) && StunText.IsDnsName(value);
}
