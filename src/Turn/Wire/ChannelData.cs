using System.Buffers.Binary;

namespace Turn;

/// <summary>The ChannelData message (RFC 8656 §12.4): a channel number, a length and application data. Never allocates.</summary>
public static class ChannelData
{
    /// <summary>The length of the header in bytes.</summary>
    public const int HeaderLength = 4;

    /// <summary>The greatest length of the application data in bytes.</summary>
    public const int MaxPayloadLength = ushort.MaxValue;

    /// <summary>Whether a number can be a channel: 0x4000 to 0x4FFF.</summary>
    public static bool IsChannelNumber(int number) => number is >= TurnDefaults.MinChannelNumber and <= TurnDefaults.MaxChannelNumber;

    /// <summary>Takes bytes for a ChannelData message, if they are one.</summary>
    /// <param name="message">A datagram, or one message of a stream with its padding.</param>
    /// <param name="channel">The channel number, 0x4000 to 0x4FFF.</param>
    /// <param name="payload">The application data, possibly empty: a view of <paramref name="message"/> that starts at <see cref="HeaderLength"/>.</param>
    /// <returns>False when the number is no channel, or when there are fewer bytes than the length field claims.</returns>
    public static bool TryParse(ReadOnlySpan<byte> message, out ushort channel, out ReadOnlySpan<byte> payload)
    {
        channel = 0;
        payload = default;
        if (message.Length < HeaderLength)
            return false;
        ushort number = BinaryPrimitives.ReadUInt16BigEndian(message);
        // RFC 8656 §12.6: "If the message uses a value in the reserved range (0x5000 through 0xFFFF), then the message is silently
        // discarded."
        if (!IsChannelNumber(number))
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        // RFC 8656 §12.6: "If the ChannelData message is received in a UDP datagram, and if the UDP datagram is too short to contain the
        // claimed length of the ChannelData message ..., then the message is silently discarded."
        if (length > message.Length - HeaderLength)
            return false;
        channel = number;
        payload = message.Slice(HeaderLength, length);
        return true;
    }

    /// <summary>Writes the header.</summary>
    /// <param name="destination">At least <see cref="HeaderLength"/> bytes; the application data follows it.</param>
    /// <param name="channel">The channel number, 0x4000 to 0x4FFF.</param>
    /// <param name="payloadLength">The length of the application data in bytes, 0 to 65535.</param>
    /// <exception cref="ArgumentException">One of them is out of range.</exception>
    public static void WriteHeader(Span<byte> destination, ushort channel, int payloadLength)
    {
        if (!IsChannelNumber(channel))
            throw new ArgumentOutOfRangeException(nameof(channel), channel, "A channel number is 0x4000 to 0x4FFF.");
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payloadLength, MaxPayloadLength);
        if (destination.Length < HeaderLength)
            throw new ArgumentException($"The destination needs {HeaderLength} bytes.", nameof(destination));
        BinaryPrimitives.WriteUInt16BigEndian(destination, channel);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payloadLength);
    }

    /// <summary>The length of a whole message in bytes.</summary>
    /// <param name="payloadLength">The length of the application data in bytes.</param>
    /// <param name="stream">Whether it goes over a stream (TCP or TLS) and is padded, or in a datagram.</param>
    public static int MessageLength(int payloadLength, bool stream) =>
        // RFC 8656 §12.5: "Over TCP and TLS-over-TCP, the ChannelData message MUST be padded to a multiple of four bytes in order to ensure
        // the alignment of subsequent messages."
        stream ? HeaderLength + ((payloadLength + 3) & ~3) : HeaderLength + payloadLength;

    /// <summary>Writes a whole message, with zeros as padding over a stream.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="channel">The channel number, 0x4000 to 0x4FFF.</param>
    /// <param name="payload">The application data, at most 65535 bytes; may lie in <paramref name="destination"/>.</param>
    /// <param name="stream">Whether it goes over a stream (TCP or TLS), or in a datagram.</param>
    /// <returns>The number of bytes written; 0 when they do not fit.</returns>
    public static int Write(Span<byte> destination, ushort channel, ReadOnlySpan<byte> payload, bool stream)
    {
        int length = MessageLength(payload.Length, stream);
        if (payload.Length > MaxPayloadLength || length > destination.Length)
            return 0;
        payload.CopyTo(destination[HeaderLength..]);
        destination[(HeaderLength + payload.Length)..length].Clear();
        WriteHeader(destination, channel, payload.Length);
        return length;
    }
}
