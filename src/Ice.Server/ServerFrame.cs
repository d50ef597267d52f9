using System.Buffers.Binary;
using Turn;

namespace Ice.Server;

/// <summary>Finds where a client's message ends on a stream, those on the channels of RFC 5766 included: whether these are allowed is the policy's matter.</summary>
internal static class ServerFrame
{
    public static bool TryReadLength(ReadOnlySpan<byte> start, out int length)
    {
        if (TurnFrame.TryReadLength(start, out length))
            return true;
        if (start.Length < TurnFrame.StartLength || start[0] is < 0x50 or > 0x7F)
            return false;
        length = ChannelData.MessageLength(BinaryPrimitives.ReadUInt16BigEndian(start[2..]), stream: true);
        return true;
    }
}
