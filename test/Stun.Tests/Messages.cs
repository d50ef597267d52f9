using System.Buffers.Binary;

namespace Stun.Tests;

/// <summary>Messages put together by hand, so that they can be as wrong as a test wants them.</summary>
internal static class Messages
{
    public static readonly TransactionId Id = TransactionId.From([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

    public static readonly TransportAddress Server = TransportAddress.Parse("192.0.2.1", 3478);

    /// <summary>A message of raw attributes; a right FINGERPRINT is computed for a value of null.</summary>
    public static byte[] Raw(ushort type, params (StunAttributeType Type, byte[]? Value)[] attributes)
    {
        var bytes = new List<byte>(new byte[20]);
        foreach ((StunAttributeType attributeType, byte[]? value) in attributes)
        {
            byte[] content = value ?? new byte[4];
            if (value is null)
            {
                byte[] before = [.. bytes];
                WriteHeader(before, type, before.Length - 20 + 8);
                content = Fingerprint(before);
            }

            bytes.AddRange([(byte)((int)attributeType >> 8), (byte)attributeType, (byte)(content.Length >> 8), (byte)content.Length]);
            bytes.AddRange(content);
            while (bytes.Count % 4 != 0)
                bytes.Add(0);
        }

        byte[] message = [.. bytes];
        WriteHeader(message, type, message.Length - 20);
        return message;
    }

    public static StunMessage Parse(ReadOnlySpan<byte> bytes)
    {
        if (!StunMessage.TryParse(bytes, out StunMessage message, out StunParseError error))
            Assert.Fail($"not parsed: {error}");
        return message;
    }

    public static List<StunAttributeType> TypesOf(StunMessage message)
    {
        var types = new List<StunAttributeType>();
        foreach (StunAttribute attribute in message)
            types.Add(attribute.Type);
        return types;
    }

    /// <summary>Whether a byte of a message is one of an attribute's value or padding, not of a header.</summary>
    public static bool IsValueByte(byte[] message, int index)
    {
        for (int offset = 20; offset < message.Length;)
        {
            int next = offset + 4 + ((BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(offset + 2)) + 3) & ~3);
            if (index >= offset && index < next)
                return index >= offset + 4;
            offset = next;
        }

        return false;
    }

    /// <summary>The FINGERPRINT of the bytes before it.</summary>
    public static byte[] Fingerprint(ReadOnlySpan<byte> bytes)
    {
        // A second, bitwise CRC-32, so that the product's is not checked against itself.
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        byte[] fingerprint = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(fingerprint, ~crc ^ 0x5354554E);
        return fingerprint;
    }

    private static void WriteHeader(Span<byte> message, ushort type, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message, type);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], (ushort)length);
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], StunMessage.MagicCookie);
        Id.CopyTo(message[8..]);
    }
}
