using System.Buffers.Binary;
using System.Text;
using Stun;

namespace Ice.Core.Tests.Harness;

/// <summary>A STUN message taken apart, so that a test can look at every attribute of it.</summary>
internal sealed class WireMessage
{
    private WireMessage(byte[] bytes) => Bytes = bytes;

    public byte[] Bytes { get; }

    public StunType Type { get; private init; }

    public TransactionId Id { get; private init; }

    /// <summary>Every attribute in the order of the wire.</summary>
    public IReadOnlyList<(ushort Type, byte[] Value)> Attributes { get; private init; } = [];

    public bool IsRequest => Type.Class == StunClass.Request;

    public bool IsSuccess => Type.Class == StunClass.SuccessResponse;

    public bool IsError => Type.Class == StunClass.ErrorResponse;

    public bool IsIndication => Type.Class == StunClass.Indication;

    public string? Username => Value(StunAttributeType.Username) is { } v ? Encoding.UTF8.GetString(v) : null;

    public uint? Priority => Value(StunAttributeType.Priority) is { Length: 4 } v ? BinaryPrimitives.ReadUInt32BigEndian(v) : null;

    public bool UseCandidate => Value(StunAttributeType.UseCandidate) is not null;

    public ulong? Controlling => Value(StunAttributeType.IceControlling) is { Length: 8 } v ? BinaryPrimitives.ReadUInt64BigEndian(v) : null;

    public ulong? Controlled => Value(StunAttributeType.IceControlled) is { Length: 8 } v ? BinaryPrimitives.ReadUInt64BigEndian(v) : null;

    public int? ErrorCode => Value(StunAttributeType.ErrorCode) is { Length: >= 4 } v ? (v[2] * 100) + v[3] : null;

    public bool HasFingerprint => Value(StunAttributeType.Fingerprint) is not null;

    public bool HasIntegrity => Value(StunAttributeType.MessageIntegrity) is not null;

    public IReadOnlyList<ushort> UnknownAttributes
    {
        get
        {
            byte[] value = Value(StunAttributeType.UnknownAttributes) ?? [];
            return [.. Enumerable.Range(0, value.Length / 2).Select(i => BinaryPrimitives.ReadUInt16BigEndian(value.AsSpan(i * 2)))];
        }
    }

    public TransportAddress Mapped
    {
        get
        {
            Assert.That(StunMessage.TryParse(Bytes, out StunMessage message, out _), Is.True);
            return message.TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress address) ? address : TransportAddress.None;
        }
    }

    /// <summary>Takes a message apart; fails the test when it is not a whole, sound STUN message (FINGERPRINT included).</summary>
    public static WireMessage Parse(ReadOnlySpan<byte> bytes)
    {
        Assert.That(StunMessage.TryParse(bytes, out StunMessage message, out StunParseError error), Is.True, $"not a STUN message: {error}");
        var attributes = new List<(ushort, byte[])>();
        for (ReadOnlySpan<byte> rest = bytes[StunMessage.HeaderLength..]; rest.Length >= 4;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            attributes.Add((BinaryPrimitives.ReadUInt16BigEndian(rest), rest.Slice(4, length).ToArray()));
            rest = rest[(4 + ((length + 3) & ~3))..];
        }

        return new WireMessage(bytes.ToArray()) { Type = message.Type, Id = message.TransactionId, Attributes = attributes };
    }

    public byte[]? Value(StunAttributeType type) => Attributes.Where(a => a.Type == (ushort)type).Select(a => a.Value).FirstOrDefault();

    /// <summary>Whether MESSAGE-INTEGRITY is there and was made with this password.</summary>
    public bool Verifies(string password)
    {
        Assert.That(StunMessage.TryParse(Bytes, out StunMessage message, out _), Is.True);
        return message.VerifyMessageIntegrity(Encoding.UTF8.GetBytes(password));
    }

    public override string ToString() =>
        $"{Type.Method} {Type.Class}{(Username is { } u ? " " + u : "")}{(UseCandidate ? " USE-CANDIDATE" : "")}{(ErrorCode is { } e ? " " + e : "")}";
}
