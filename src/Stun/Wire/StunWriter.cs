using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Stun;

/// <summary>Writes a STUN message (RFC 8489 §5) into the caller's buffer. Never allocates.</summary>
/// <remarks>
/// After every call <see cref="Written"/> is a whole message. The order is: attributes, MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256,
/// FINGERPRINT; each of the last three at most once. Pass a writer on by <c>ref</c>, since a copy does not see what the other wrote.
/// </remarks>
public ref struct StunWriter
{
    private readonly Span<byte> _buffer;
    private int _length;
    private Stage _stage;

    /// <summary>Begins a message.</summary>
    /// <param name="buffer">Where the message goes; at least 20 bytes.</param>
    /// <param name="method">The method.</param>
    /// <param name="messageClass">The class.</param>
    /// <param name="id">The transaction id; that of the request for a response.</param>
    /// <exception cref="ArgumentException">The buffer cannot hold a header.</exception>
    public StunWriter(Span<byte> buffer, StunMethod method, StunClass messageClass, TransactionId id)
    {
        if (buffer.Length < StunMessage.HeaderLength)
            throw new ArgumentException($"The buffer of {buffer.Length} bytes cannot hold a STUN header of {StunMessage.HeaderLength}.", nameof(buffer));
        _buffer = buffer;
        _length = StunMessage.HeaderLength;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, new StunType(method, messageClass).Encode());
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunMessage.MagicCookie);
        id.CopyTo(buffer[8..]);
    }

    private enum Stage : byte
    {
        Attributes,
        Integrity,
        IntegritySha256,
        Fingerprint,
    }

    /// <summary>The length of the message so far in bytes, header included.</summary>
    public readonly int Length => _length;

    /// <summary>The message so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    // RFC 8489 §5: "The message length MUST contain the size of the message in bytes, not including the 20-byte STUN header."
    private readonly ushort LengthField => (ushort)(_length - StunMessage.HeaderLength);

    /// <summary>Begins the response to a request: its method and its transaction id.</summary>
    /// <param name="buffer">Where the message goes; it may not overlap the request.</param>
    /// <param name="request">The request.</param>
    /// <param name="responseClass"><see cref="StunClass.SuccessResponse"/> or <see cref="StunClass.ErrorResponse"/>.</param>
    public static StunWriter Respond(Span<byte> buffer, scoped in StunMessage request, StunClass responseClass)
    {
        if (responseClass is not (StunClass.SuccessResponse or StunClass.ErrorResponse))
            throw new ArgumentException($"{responseClass} is no class of a response.", nameof(responseClass));
        // RFC 8489 §6.3.1.1: "The method of the response is the same as that of the request, and the message class is either
        // "Success Response" or "Error Response"."
        return new StunWriter(buffer, request.Method, responseClass, request.TransactionId);
    }

    /// <summary>Begins the error response to a request, with ERROR-CODE, its recommended reason phrase, and UNKNOWN-ATTRIBUTES for a 420.</summary>
    /// <param name="buffer">Where the message goes; it may not overlap the request.</param>
    /// <param name="request">The request.</param>
    /// <param name="code">300 to 699.</param>
    /// <param name="unknownAttributes">For 420 what <see cref="StunMessage.GetUnknownComprehensionRequired"/> found; for others nothing.</param>
    /// <returns>The writer. Add integrity if, and only if, the request was authenticated.</returns>
    public static StunWriter RespondError(Span<byte> buffer, scoped in StunMessage request, int code, scoped ReadOnlySpan<ushort> unknownAttributes = default)
    {
        // RFC 8489 §6.3.1.1: "For example, for an error code of 420 (Unknown Attribute), the server MUST include an UNKNOWN-ATTRIBUTES
        // attribute."
        if (code == StunErrorCode.UnknownAttribute == unknownAttributes.IsEmpty)
            throw new ArgumentException("Error 420 lists the attributes that were not understood, and no other error does.", nameof(unknownAttributes));
        StunWriter writer = Respond(buffer, request, StunClass.ErrorResponse);
        writer.AddErrorCode(code);
        if (code == StunErrorCode.UnknownAttribute)
            writer.AddUnknownAttributes(unknownAttributes);
        return writer;
    }

    /// <summary>Adds an attribute with a value that the caller encoded.</summary>
    public void Add(StunAttributeType type, scoped ReadOnlySpan<byte> value) => value.CopyTo(Reserve(type, value.Length));

    /// <summary>Adds an attribute without a value, such as USE-CANDIDATE.</summary>
    public void AddEmpty(StunAttributeType type) => _ = Reserve(type, 0);

    /// <summary>Adds an attribute of 32 bits.</summary>
    public void AddUInt32(StunAttributeType type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(type, 4), value);

    /// <summary>Adds an attribute of 64 bits.</summary>
    public void AddUInt64(StunAttributeType type, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(type, 8), value);

    /// <summary>Adds an attribute of text in UTF-8.</summary>
    /// <exception cref="ArgumentException">The text is not well-formed, or longer than the attribute may be: see <see cref="StunText"/>.</exception>
    public void AddText(StunAttributeType type, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int length = StunText.Check(type, text);
        _ = Encoding.UTF8.GetBytes(text, Reserve(type, length));
    }

    /// <summary>Adds an address in the way of MAPPED-ADDRESS (RFC 8489 §14.1).</summary>
    public void AddAddress(StunAttributeType type, TransportAddress address)
    {
        RequireAddress(address);
        StunAddress.Write(address, Reserve(type, StunAddress.LengthOf(address)));
    }

    /// <summary>Adds an address in the way of XOR-MAPPED-ADDRESS (RFC 8489 §14.2).</summary>
    public void AddXorAddress(StunAttributeType type, TransportAddress address)
    {
        RequireAddress(address);
        StunAddress.WriteXor(address, _buffer.Slice(4, 16), Reserve(type, StunAddress.LengthOf(address)));
    }

    /// <summary>Adds ERROR-CODE with the reason phrase that the registry recommends.</summary>
    /// <param name="code">300 to 699.</param>
    public void AddErrorCode(int code) => AddErrorCode(code, StunErrorCode.DefaultReason(code));

    /// <summary>Adds ERROR-CODE (RFC 8489 §14.8).</summary>
    /// <param name="code">300 to 699.</param>
    /// <param name="reason">A phrase for people, shorter than 128 characters.</param>
    public void AddErrorCode(int code, string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        ArgumentOutOfRangeException.ThrowIfLessThan(code, StunErrorCode.Min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, StunErrorCode.Max);
        int length = StunText.Check(StunAttributeType.ErrorCode, reason);
        Span<byte> value = Reserve(StunAttributeType.ErrorCode, 4 + length);
        value[0] = 0;
        value[1] = 0;
        value[2] = (byte)(code / 100);
        value[3] = (byte)(code % 100);
        _ = Encoding.UTF8.GetBytes(reason, value[4..]);
    }

    /// <summary>Adds UNKNOWN-ATTRIBUTES (RFC 8489 §14.13).</summary>
    /// <param name="types">The types that were not understood.</param>
    public void AddUnknownAttributes(scoped ReadOnlySpan<ushort> types)
    {
        // RFC 8489 §14.13: "In this version of the specification, the normal padding rules for attributes are used instead."
        Span<byte> value = Reserve(StunAttributeType.UnknownAttributes, 2 * types.Length);
        for (int index = 0; index < types.Length; index++)
            BinaryPrimitives.WriteUInt16BigEndian(value[(2 * index)..], types[index]);
    }

    /// <summary>Adds MESSAGE-INTEGRITY (RFC 8489 §14.5) over what was written so far.</summary>
    public void AddMessageIntegrity(scoped ReadOnlySpan<byte> key)
    {
        int covered = _length;
        Span<byte> value = Reserve(StunAttributeType.MessageIntegrity, MessageIntegrity.Sha1Length, Stage.Integrity);
        MessageIntegrity.ComputeSha1(key, _buffer[..covered], LengthField, value);
    }

    /// <summary>Adds MESSAGE-INTEGRITY (RFC 8489 §14.5) over what was written so far.</summary>
    public void AddMessageIntegrity(StunKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        int covered = _length;
        Span<byte> value = Reserve(StunAttributeType.MessageIntegrity, MessageIntegrity.Sha1Length, Stage.Integrity);
        key.ComputeSha1(_buffer[..covered], LengthField, value);
    }

    /// <summary>Adds MESSAGE-INTEGRITY-SHA256 (RFC 8489 §14.6) over what was written so far.</summary>
    /// <param name="key">The key.</param>
    /// <param name="length">32, or less (16 to 32, a multiple of 4) where the usage allows truncation.</param>
    public void AddMessageIntegritySha256(scoped ReadOnlySpan<byte> key, int length = MessageIntegrity.Sha256Length)
    {
        int covered = _length;
        Span<byte> value = ReserveSha256(length);
        Span<byte> full = stackalloc byte[MessageIntegrity.Sha256Length];
        MessageIntegrity.ComputeSha256(key, _buffer[..covered], LengthField, full);
        full[..length].CopyTo(value);
    }

    /// <summary>Adds MESSAGE-INTEGRITY-SHA256 (RFC 8489 §14.6) over what was written so far.</summary>
    /// <param name="key">The key.</param>
    /// <param name="length">32, or less (16 to 32, a multiple of 4) where the usage allows truncation.</param>
    public void AddMessageIntegritySha256(StunKey key, int length = MessageIntegrity.Sha256Length)
    {
        ArgumentNullException.ThrowIfNull(key);
        int covered = _length;
        Span<byte> value = ReserveSha256(length);
        Span<byte> full = stackalloc byte[MessageIntegrity.Sha256Length];
        key.ComputeSha256(_buffer[..covered], LengthField, full);
        full[..length].CopyTo(value);
    }

    /// <summary>Adds FINGERPRINT (RFC 8489 §14.7), after which nothing can be added.</summary>
    public void AddFingerprint()
    {
        int covered = _length;
        Span<byte> value = Reserve(StunAttributeType.Fingerprint, 4, Stage.Fingerprint);
        BinaryPrimitives.WriteUInt32BigEndian(value, StunMessage.ComputeFingerprint(_buffer[..covered]));
    }

    private static void RequireAddress(TransportAddress address)
    {
        if (address.IsNone)
            throw new ArgumentException("There is no address to write: it is None.", nameof(address));
    }

    private Span<byte> ReserveSha256(int length)
    {
        // RFC 8489 §14.6: "The value will be at most 32 bytes, but it MUST be at least 16 bytes and MUST be a multiple of 4 bytes."
        if (length is < MessageIntegrity.Sha256MinLength or > MessageIntegrity.Sha256Length || (length & 3) != 0)
            throw new ArgumentOutOfRangeException(nameof(length), length, "MESSAGE-INTEGRITY-SHA256 has 16 to 32 bytes, a multiple of 4.");
        return Reserve(StunAttributeType.MessageIntegritySha256, length, Stage.IntegritySha256);
    }

    private Span<byte> Reserve(StunAttributeType type, int length)
    {
        if (type is StunAttributeType.MessageIntegrity or StunAttributeType.MessageIntegritySha256 or StunAttributeType.Fingerprint)
            ThrowComputed(type);
        return Reserve(type, length, Stage.Attributes);
    }

    private Span<byte> Reserve(StunAttributeType type, int length, Stage stage)
    {
        int end = _length + 4 + StunMessage.Padded(length);
        if (stage < _stage || (stage == _stage && stage != Stage.Attributes) || end > _buffer.Length || end > StunMessage.MaxLength)
            ThrowNoPlace(type, stage, end);
        Span<byte> attribute = _buffer[_length..end];
        // RFC 8489 §14: "The padding bits MUST be set to zero on sending and MUST be ignored by the receiver."
        for (int index = 4 + length; index < attribute.Length; index++)
            attribute[index] = 0;
        // RFC 8489 §14: "The value in the Length field MUST contain the length of the Value part of the attribute, prior to padding,
        // measured in bytes."
        BinaryPrimitives.WriteUInt32BigEndian(attribute, ((uint)type << 16) | (uint)length);
        _length = end;
        _stage = stage;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], LengthField);
        return attribute.Slice(4, length);
    }

    // Apart, so that the methods which seldom fail stay small: making a text needs a place for it even where none is made.
    [DoesNotReturn]
    private static void ThrowComputed(StunAttributeType type) => throw new ArgumentException($"{type} is computed: call Add{type} instead.", nameof(type));

    [DoesNotReturn]
    private readonly void ThrowNoPlace(StunAttributeType type, Stage stage, int end)
    {
        if (stage < _stage || (stage == _stage && stage != Stage.Attributes))
            throw new InvalidOperationException($"{type} cannot follow {_stage}: the order is attributes, MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256, FINGERPRINT.");
        if (end > _buffer.Length)
            throw new InvalidOperationException($"{type} needs {end - _length} bytes, and the buffer of {_buffer.Length} has {_buffer.Length - _length} left.");
        throw new InvalidOperationException($"With {type} the message would have {end} bytes; a STUN message has at most {StunMessage.MaxLength}.");
    }
}
