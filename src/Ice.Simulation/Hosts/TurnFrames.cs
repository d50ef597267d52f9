using Turn;

namespace Ice.Simulation;

/// <summary>Cuts a stream between a TURN client and its server into messages.</summary>
internal sealed class TurnFrames
{
    private readonly List<byte> _bytes = [];

    /// <summary>Takes the next bytes of the stream.</summary>
    /// <returns>The messages that they complete; null when the stream carries something else: close it.</returns>
    public List<byte[]>? Take(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        var messages = new List<byte[]>();
        byte[] all = [.. _bytes];
        int start = 0;
        while (all.Length - start >= TurnFrame.StartLength)
        {
            if (!TurnFrame.TryReadLength(all.AsSpan(start), out int length))
                return null;
            if (all.Length - start < length)
                break;
            messages.Add(all[start..(start + length)]);
            start += length;
        }

        _bytes.RemoveRange(0, start);
        return messages;
    }
}
