using System.Buffers.Binary;
using Stun;

namespace Turn;

/// <summary>Finds where a message ends on a TCP or TLS stream between a client and a server, where STUN and ChannelData messages alternate.</summary>
public static class TurnFrame
{
    /// <summary>How many bytes tell a message's length.</summary>
    public const int StartLength = 4;

    /// <summary>Reads from the start of a message how long it is, header and padding included.</summary>
    /// <param name="start">At least the first 4 bytes.</param>
    /// <param name="length">The number of bytes until the next message starts.</param>
    /// <returns>False when there are fewer than 4 bytes (wait for more), or when they start neither kind of message (close the stream).</returns>
    public static bool TryReadLength(ReadOnlySpan<byte> start, out int length)
    {
        if (StunMessage.TryReadLength(start, out length))
            return true;
        if (start.Length < StartLength || !ChannelData.IsChannelNumber(BinaryPrimitives.ReadUInt16BigEndian(start)))
            return false;
        // RFC 8656 §12.5: "The padding is not reflected in the length field of the ChannelData message, so the actual size of a ChannelData
        // message (including padding) is (4 + Length) rounded up to the nearest multiple of 4"
        length = ChannelData.MessageLength(BinaryPrimitives.ReadUInt16BigEndian(start[2..]), stream: true);
        return true;
    }
}
