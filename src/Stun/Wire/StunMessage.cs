using System.Buffers.Binary;

namespace Stun;

/// <summary>A received STUN message (RFC 8489 §5): a view of the bytes of one datagram, which are checked once and never copied.</summary>
/// <remarks>
/// <see cref="TryParse"/> takes any bytes and never throws; no accessor of a message that it accepted can fail afterwards.
/// The view is as thread-safe as the bytes it looks at. The default value is an empty message without attributes.
/// </remarks>
public readonly ref partial struct StunMessage
{
    /// <summary>The length of the header in bytes.</summary>
    public const int HeaderLength = 20;

    /// <summary>The fixed value of bytes 4 to 7 of the header.</summary>
    public const uint MagicCookie = 0x2112A442;

    /// <summary>The length in bytes of the longest message that the header's 16-bit length can describe.</summary>
    public const int MaxLength = HeaderLength + 0xFFFC;

    private const uint FingerprintMask = 0x5354554E;

    private readonly ReadOnlySpan<byte> _bytes;

    // Where the attributes lie; 0 is absent. Attributes from _visibleEnd on are ignored except for these three.
    private readonly int _visibleEnd;
    private readonly int _integrity;
    private readonly int _integritySha256;
    private readonly int _fingerprint;

    private StunMessage(ReadOnlySpan<byte> bytes, scoped in Layout layout)
    {
        _bytes = bytes;
        _visibleEnd = layout.VisibleEnd;
        _integrity = layout.Integrity;
        _integritySha256 = layout.IntegritySha256;
        _fingerprint = layout.Fingerprint;
    }

    /// <summary>The method and the class.</summary>
    public StunType Type => _bytes.IsEmpty ? default : StunType.Decode(BinaryPrimitives.ReadUInt16BigEndian(_bytes));

    /// <summary>The method.</summary>
    public StunMethod Method => Type.Method;

    /// <summary>The class.</summary>
    public StunClass Class => Type.Class;

    /// <summary>The transaction id.</summary>
    public TransactionId TransactionId => _bytes.IsEmpty ? default : new TransactionId(_bytes.Slice(8, TransactionId.Length));

    /// <summary>The whole message, header included.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Whether FINGERPRINT is present; it is right then.</summary>
    public bool HasFingerprint => _fingerprint != 0;

    /// <summary>Whether MESSAGE-INTEGRITY is present, right or wrong.</summary>
    public bool HasMessageIntegrity => _integrity != 0;

    /// <summary>Whether MESSAGE-INTEGRITY-SHA256 is present, right or wrong.</summary>
    public bool HasMessageIntegritySha256 => _integritySha256 != 0;

    /// <summary>Which integrity attributes are present, right or wrong.</summary>
    public StunIntegrity Integrity =>
        (HasMessageIntegrity ? StunIntegrity.Sha1 : StunIntegrity.None) | (HasMessageIntegritySha256 ? StunIntegrity.Sha256 : StunIntegrity.None);

    /// <summary>Takes a datagram for a STUN message, if it is one: the whole datagram has to be one message.</summary>
    /// <param name="datagram">The bytes as they came; the message is a view of them.</param>
    /// <param name="message">The message.</param>
    /// <param name="error">Why it is none; <see cref="StunParseError.None"/> on success.</param>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessage message, out StunParseError error)
    {
        message = default;
        error = CheckHeader(datagram);
        if (error != StunParseError.None)
            return false;
        error = Layout.Scan(datagram, out Layout layout);
        if (error != StunParseError.None)
            return false;
        var parsed = new StunMessage(datagram, layout);
        // RFC 8489 §6.3: "If the FINGERPRINT extension is being used, the agent checks that the FINGERPRINT attribute is present and
        // contains the correct value."
        if (parsed.HasFingerprint && !parsed.IsFingerprintRight())
        {
            error = StunParseError.BadFingerprint;
            return false;
        }

        message = parsed;
        return true;
    }

    /// <summary>Reads from the start of a message on a stream how long the message is, header included.</summary>
    /// <param name="start">At least the first 4 bytes.</param>
    /// <param name="length">The length of the whole message in bytes.</param>
    /// <returns>False when there are fewer than 4 bytes, or when these cannot begin a STUN message.</returns>
    public static bool TryReadLength(ReadOnlySpan<byte> start, out int length)
    {
        length = 0;
        if (start.Length < 4 || (start[0] & 0xC0) != 0 || (start[3] & 3) != 0)
            return false;
        length = HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(start[2..]);
        return true;
    }

    /// <summary>The value of the first attribute of a type, without its padding.</summary>
    /// <remarks>What follows MESSAGE-INTEGRITY is not seen, except for MESSAGE-INTEGRITY-SHA256 and FINGERPRINT (RFC 8489 §14.5).</remarks>
    public bool TryGet(StunAttributeType type, out ReadOnlySpan<byte> value)
    {
        int offset = Find(type);
        value = offset == 0 ? default : ValueAt(offset);
        return offset != 0;
    }

    /// <summary>Whether there is an attribute of a type.</summary>
    public bool Has(StunAttributeType type) => Find(type) != 0;

    /// <summary>The attributes in their order, without those that are to be ignored because they follow MESSAGE-INTEGRITY.</summary>
    public StunAttributeEnumerator GetEnumerator() => new(_bytes);

    /// <summary>Counts the comprehension-required attributes that the caller does not know, each type once.</summary>
    /// <param name="destination">Gets the first types that fit: what UNKNOWN-ATTRIBUTES has to list.</param>
    /// <param name="known">The types that the caller understands. MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256 need not be among them.</param>
    /// <returns>How many there are; more than <paramref name="destination"/> holds is possible.</returns>
    public int GetUnknownComprehensionRequired(Span<ushort> destination, ReadOnlySpan<StunAttributeType> known)
    {
        int count = 0;
        foreach (StunAttribute attribute in this)
        {
            // RFC 8489 §6.3: "Unknown comprehension-optional attributes MUST be ignored by the agent."
            if (!attribute.IsComprehensionRequired || IsKnown(attribute.Type, known))
                continue;
            ushort type = (ushort)attribute.Type;
            if (destination[..Math.Min(count, destination.Length)].Contains(type))
                continue;
            if (count < destination.Length)
                destination[count] = type;
            count++;
        }

        return count;
    }

    /// <summary>The length of a value with its padding to a multiple of 4 bytes.</summary>
    internal static int Padded(int length) => (length + 3) & ~3;

    /// <summary>Whether an attribute may be looked at, given what came before it.</summary>
    internal static bool IsVisible(StunAttributeType type, bool integritySeen, bool integritySha256Seen) => type switch
    {
        StunAttributeType.Fingerprint => true,
        // RFC 8489 §9: "Note that agents MUST ignore all attributes that follow MESSAGE-INTEGRITY, with the exception of the
        // MESSAGE-INTEGRITY-SHA256 and FINGERPRINT attributes."
        StunAttributeType.MessageIntegritySha256 => !integritySha256Seen,
        // RFC 8489 §9: "Similarly, agents MUST ignore all attributes that follow the MESSAGE-INTEGRITY-SHA256 attribute if the
        // MESSAGE-INTEGRITY attribute is not present, with the exception of the FINGERPRINT attribute."
        _ => !integritySeen && !integritySha256Seen,
    };

    /// <summary>The value of FINGERPRINT for a message up to it, whose length field counts it in.</summary>
    internal static uint ComputeFingerprint(ReadOnlySpan<byte> before) => Crc32.Compute(before) ^ FingerprintMask;

    private static StunParseError CheckHeader(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < HeaderLength)
            return StunParseError.TooShort;
        // RFC 8489 §5: "The most significant 2 bits of every STUN message MUST be zeroes."
        if ((datagram[0] & 0xC0) != 0)
            return StunParseError.NotStun;
        int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        bool lengthFits = HeaderLength + length == datagram.Length && (length & 3) == 0;
        // RFC 8489 §5: "The Magic Cookie field MUST contain the fixed value 0x2112A442 in network byte order."
        if (BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) != MagicCookie)
            return lengthFits && IsRfc3489Type(BinaryPrimitives.ReadUInt16BigEndian(datagram)) ? StunParseError.Rfc3489 : StunParseError.NotStun;
        // RFC 8489 §5: "Since all STUN attributes are padded to a multiple of 4 bytes, the last 2 bits of this field are always zero."
        return lengthFits ? StunParseError.None : StunParseError.BadLength;
    }

    // Binding and Shared Secret, each as request, response and error response (RFC 3489 §11.1).
    private static bool IsRfc3489Type(ushort type) => type is 0x0001 or 0x0101 or 0x0111 or 0x0002 or 0x0102 or 0x0112;

    private static bool IsKnown(StunAttributeType type, ReadOnlySpan<StunAttributeType> known)
    {
        if (type is StunAttributeType.MessageIntegrity or StunAttributeType.MessageIntegritySha256)
            return true;
        foreach (StunAttributeType candidate in known)
        {
            if (candidate == type)
                return true;
        }

        return false;
    }

    private bool IsFingerprintRight()
    {
        ReadOnlySpan<byte> value = ValueAt(_fingerprint);
        // RFC 8489 §14.7: "The value of the attribute is computed as the CRC-32 of the STUN message up to (but excluding) the
        // FINGERPRINT attribute itself, XOR'ed with the 32-bit value 0x5354554e."
        return value.Length == 4 && BinaryPrimitives.ReadUInt32BigEndian(value) == ComputeFingerprint(_bytes[.._fingerprint]);
    }

    private int Find(StunAttributeType type)
    {
        switch (type)
        {
            case StunAttributeType.MessageIntegrity:
                return _integrity;
            case StunAttributeType.MessageIntegritySha256:
                return _integritySha256;
            case StunAttributeType.Fingerprint:
                return _fingerprint;
        }

        int offset = HeaderLength;
        while (offset < _visibleEnd)
        {
            // Type and length in one.
            uint header = BinaryPrimitives.ReadUInt32BigEndian(_bytes[offset..]);
            if (header >> 16 == (uint)type)
                return offset;
            offset += 4 + Padded((ushort)header);
        }

        return 0;
    }

    private ReadOnlySpan<byte> ValueAt(int offset) =>
        _bytes.Slice(offset + 4, BinaryPrimitives.ReadUInt16BigEndian(_bytes[(offset + 2)..]));

    private struct Layout
    {
        public int VisibleEnd;
        public int Integrity;
        public int IntegritySha256;
        public int Fingerprint;

        /// <summary>Walks once over all attributes; every length that is read later was checked here.</summary>
        public static StunParseError Scan(ReadOnlySpan<byte> bytes, out Layout layout)
        {
            layout = default;
            int offset = HeaderLength;
            while (offset < bytes.Length)
            {
                // The message ends on a multiple of 4, so that a header of 4 bytes always fits.
                if (layout.Fingerprint != 0)
                {
                    // RFC 8489 §14.7: "When present, the FINGERPRINT attribute MUST be the last attribute in the message"
                    return StunParseError.FingerprintNotLast;
                }

                // Type and length in one.
                uint header = BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);
                int next = offset + 4 + Padded((ushort)header);
                if (next > bytes.Length)
                    return StunParseError.AttributeOverrun;
                layout.Note((StunAttributeType)(header >> 16), offset);
                offset = next;
            }

            if (layout.VisibleEnd == 0)
                layout.VisibleEnd = bytes.Length;
            return StunParseError.None;
        }

        private void Note(StunAttributeType type, int offset)
        {
            if (type is not (StunAttributeType.MessageIntegrity or StunAttributeType.MessageIntegritySha256 or StunAttributeType.Fingerprint)
                || !IsVisible(type, Integrity != 0, IntegritySha256 != 0))
                return;
            if (VisibleEnd == 0)
                VisibleEnd = offset;
            if (type == StunAttributeType.MessageIntegrity)
                Integrity = offset;
            else if (type == StunAttributeType.MessageIntegritySha256)
                IntegritySha256 = offset;
            else
                Fingerprint = offset;
        }
    }
}
