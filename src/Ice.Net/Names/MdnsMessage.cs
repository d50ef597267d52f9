using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Ice.Net;

/// <summary>The two DNS messages (RFC 1035 §4) that a one-shot multicast query needs (RFC 6762 §5.1): the question and the reading of its answer. Pure; never throws on bytes from the network.</summary>
internal static class MdnsMessage
{
    /// <summary>Enough for a query of any name.</summary>
    public const int MaxQueryLength = HeaderLength + MaxNameLength + 2 * QuestionTail + 2;

    private const int HeaderLength = 12;
    private const int MaxNameLength = 255;
    private const int MaxLabelLength = 63;
    private const int QuestionTail = 4;
    private const int RecordTail = 10;
    private const int MaxPointers = 16;
    private const int MaxRecords = 64;
    private const ushort TypeA = 1;
    private const ushort TypeAaaa = 28;
    private const ushort ClassInternet = 1;
    private const ushort CacheFlush = 0x8000;
    private const ushort ResponseFlag = 0x8000;
    private const ushort ResponseCodeMask = 0x000F;

    /// <summary>Whether a name belongs to multicast DNS.</summary>
    public static bool IsLocalName(string name)
    {
        // RFC 6762 §3: "Any DNS query for a name ending with ".local." MUST be sent to the mDNS IPv4 link-local multicast address"
        ReadOnlySpan<char> text = name.AsSpan().TrimEnd('.');
        return text.EndsWith(".local", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a name can be asked for: labels of 1 to 63 ASCII characters, 255 bytes in all.</summary>
    public static bool IsValidName(string name)
    {
        string[] labels = name.TrimEnd('.').Split('.');
        return Ascii.IsValid(name) && labels.Sum(static label => label.Length + 1) < MaxNameLength
            && Array.TrueForAll(labels, static label => label.Length is > 0 and <= MaxLabelLength);
    }

    /// <summary>Writes a question for the IPv4 and IPv6 addresses of a valid name.</summary>
    /// <returns>The length.</returns>
    public static int WriteQuery(Span<byte> destination, ushort id, string name)
    {
        destination[..HeaderLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(destination, id);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], 2);
        int position = HeaderLength;
        foreach (string label in name.TrimEnd('.').Split('.'))
        {
            destination[position++] = (byte)label.Length;
            position += Encoding.ASCII.GetBytes(label, destination[position..]);
        }

        destination[position++] = 0;
        WriteTail(destination, ref position, TypeA);
        // The second question names the first one's name by a pointer (RFC 1035 §4.1.4).
        BinaryPrimitives.WriteUInt16BigEndian(destination[position..], 0xC000 | HeaderLength);
        position += 2;
        WriteTail(destination, ref position, TypeAaaa);
        return position;
    }

    /// <summary>Reads the addresses that a message gives to a name; none when it is no answer to our question.</summary>
    /// <param name="message">The message.</param>
    /// <param name="id">The id of the query; null for answers to the multicast group.</param>
    /// <param name="name">The name asked for.</param>
    public static IReadOnlyList<IPAddress> ReadAddresses(ReadOnlySpan<byte> message, ushort? id, string name)
    {
        List<IPAddress> addresses = [];
        if (!IsAnswer(message, id))
            return addresses;
        int position = HeaderLength;
        int questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        for (int i = 0; i < questions; i++)
        {
            if (i == MaxRecords || !TryReadName(message, ref position, out _) || message.Length - position < QuestionTail)
                return addresses;
            position += QuestionTail;
        }

        int answers = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        for (int i = 0; i < answers && i < MaxRecords; i++)
        {
            if (!TryReadRecord(message, ref position, name.TrimEnd('.'), addresses))
                break;
        }

        return addresses;
    }

    private static bool IsAnswer(ReadOnlySpan<byte> message, ushort? id)
    {
        if (message.Length < HeaderLength)
            return false;
        ushort flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        // RFC 6762 §6.7: "it MUST repeat the query ID and the question given in the query message"
        if (id is { } asked && BinaryPrimitives.ReadUInt16BigEndian(message) != asked)
            return false;
        // RFC 6762 §18.1: "In multicast responses, including unsolicited multicast responses, the Query Identifier MUST be set to zero on
        // transmission, and MUST be ignored on reception."
        return (flags & ResponseFlag) != 0 && (flags & ResponseCodeMask) == 0;
    }

    private static bool TryReadRecord(ReadOnlySpan<byte> message, ref int position, string name, List<IPAddress> addresses)
    {
        if (!TryReadName(message, ref position, out string owner) || message.Length - position < RecordTail)
            return false;
        ReadOnlySpan<byte> tail = message.Slice(position, RecordTail);
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(tail);
        ushort recordClass = BinaryPrimitives.ReadUInt16BigEndian(tail[2..]);
        int length = BinaryPrimitives.ReadUInt16BigEndian(tail[8..]);
        position += RecordTail;
        if (message.Length - position < length)
            return false;
        ReadOnlySpan<byte> data = message.Slice(position, length);
        position += length;
        bool ours = (recordClass & ~CacheFlush) == ClassInternet && owner.Equals(name, StringComparison.OrdinalIgnoreCase);
        if (ours && ((type == TypeA && length == 4) || (type == TypeAaaa && length == 16)))
            addresses.Add(new IPAddress(data));
        return true;
    }

    private static bool TryReadName(ReadOnlySpan<byte> message, ref int position, out string name)
    {
        StringBuilder text = new();
        int at = position;
        int pointers = 0;
        name = "";
        while (at < message.Length)
        {
            int length = message[at];
            if (length == 0)
            {
                if (pointers == 0)
                    position = at + 1;
                name = text.ToString();
                return true;
            }

            if ((length & 0xC0) == 0xC0)
            {
                if (at + 1 >= message.Length || ++pointers > MaxPointers)
                    return false;
                if (pointers == 1)
                    position = at + 2;
                at = BinaryPrimitives.ReadUInt16BigEndian(message[at..]) & 0x3FFF;
                continue;
            }

            if (length > MaxLabelLength || message.Length - at - 1 < length || text.Length + length > MaxNameLength)
                return false;
            if (text.Length > 0)
                text.Append('.');
            text.Append(Encoding.Latin1.GetString(message.Slice(at + 1, length)));
            at += length + 1;
        }

        return false;
    }

    private static void WriteTail(Span<byte> destination, ref int position, ushort type)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination[position..], type);
        BinaryPrimitives.WriteUInt16BigEndian(destination[(position + 2)..], ClassInternet);
        position += QuestionTail;
    }
}
