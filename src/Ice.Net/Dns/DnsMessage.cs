using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Ice.Net;

/// <summary>Writes DNS queries and reads responses (RFC 1035 §4). Never throws on what the network sends.</summary>
internal static class DnsMessage
{
    private const int HeaderLength = 12;
    private const int MaxNameLength = 255;
    private const int MaxLabelLength = 63;
    private const int MaxRecords = 256;

    /// <summary>Writes a query with recursion desired.</summary>
    /// <returns>The message, or null when the text is no domain name.</returns>
    public static byte[]? WriteQuery(ushort id, string name, DnsRecordType type)
    {
        var message = new List<byte>(HeaderLength + name.Length + 6) { (byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
        foreach (string label in name.TrimEnd('.').Split('.'))
        {
            byte[] bytes = Encoding.ASCII.GetBytes(label);
            if (bytes.Length is 0 or > MaxLabelLength)
                return null;
            message.Add((byte)bytes.Length);
            message.AddRange(bytes);
        }

        message.Add(0);
        message.AddRange((ReadOnlySpan<byte>)[(byte)((int)type >> 8), (byte)type, 0, 1]);
        return message.Count > HeaderLength + MaxNameLength + 4 ? null : [.. message];
    }

    /// <summary>Reads a response to a query.</summary>
    public static DnsResponse? TryRead(ReadOnlySpan<byte> message, ushort id, string name, DnsRecordType type)
    {
        // The ID is that of the query, and QR says that it is a response.
        if (message.Length < HeaderLength || BinaryPrimitives.ReadUInt16BigEndian(message) != id || (message[2] & 0x80) == 0)
            return null;
        int code = message[3] & 15;
        bool truncated = (message[2] & 2) != 0;
        int questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        int answers = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        int offset = HeaderLength;
        if (questions != 1 || !TryReadName(message, ref offset, out string asked) || offset + 4 > message.Length)
            return null;
        // The question comes back: an answer to another one is somebody's guess.
        if (asked != Normalize(name) || BinaryPrimitives.ReadUInt16BigEndian(message[offset..]) != (int)type)
            return null;
        offset += 4;
        var records = new List<DnsRecord>();
        for (int i = 0; i < Math.Min(answers, MaxRecords); i++)
        {
            if (!TryReadRecord(message, ref offset, type, records))
                return truncated ? new DnsResponse(code, true, []) : null;
        }

        return new DnsResponse(code, truncated, records);
    }

    public static string Normalize(string name) => name.TrimEnd('.').ToLowerInvariant();

    private static bool TryReadRecord(ReadOnlySpan<byte> message, ref int offset, DnsRecordType type, List<DnsRecord> records)
    {
        if (!TryReadName(message, ref offset, out string name) || offset + 10 > message.Length)
            return false;
        int kind = BinaryPrimitives.ReadUInt16BigEndian(message[offset..]);
        uint seconds = BinaryPrimitives.ReadUInt32BigEndian(message[(offset + 4)..]);
        int length = BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 8)..]);
        int start = offset + 10;
        offset = start + length;
        if (offset > message.Length)
            return false;
        // A TTL with the most significant bit set is to be treated as zero.
        TimeSpan timeToLive = TimeSpan.FromSeconds(seconds > int.MaxValue ? 0 : seconds);
        if (kind == (int)type && TryReadData(message, name, timeToLive, type, start, length) is { } record)
            records.Add(record);
        return true;
    }

    private static DnsRecord? TryReadData(ReadOnlySpan<byte> message, string name, TimeSpan timeToLive, DnsRecordType type, int start, int length)
    {
        ReadOnlySpan<byte> data = message.Slice(start, length);
        switch (type)
        {
            case DnsRecordType.A when length == 4:
            case DnsRecordType.Aaaa when length == 16:
                return new DnsRecord.Address(name, timeToLive, new IPAddress(data));
            case DnsRecordType.Srv when length >= 7:
                int at = start + 6;
                return TryReadName(message, ref at, out string target)
                    ? new DnsRecord.Service(name, timeToLive, Number(data, 0), Number(data, 2), Number(data, 4), target)
                    : null;
            case DnsRecordType.Naptr when length >= 8:
                int position = start + 4;
                return TryReadText(message, ref position, out string flags) && TryReadText(message, ref position, out string services)
                    && TryReadText(message, ref position, out _) && TryReadName(message, ref position, out string replacement)
                    ? new DnsRecord.Pointer(name, timeToLive, Number(data, 0), Number(data, 2), flags, services, replacement)
                    : null;
            default:
                return null;
        }
    }

    private static int Number(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt16BigEndian(data[offset..]);

    private static bool TryReadText(ReadOnlySpan<byte> message, ref int offset, out string text)
    {
        text = "";
        if (offset >= message.Length || offset + 1 + message[offset] > message.Length)
            return false;
        text = Encoding.ASCII.GetString(message.Slice(offset + 1, message[offset]));
        offset += 1 + message[offset];
        return true;
    }

    // RFC 1035 §4.1.4: "a pointer to a prior occurance of the same name"; only backwards, so that it ends.
    private static bool TryReadName(ReadOnlySpan<byte> message, ref int offset, out string name)
    {
        name = "";
        var labels = new StringBuilder();
        int at = offset;
        int limit = message.Length;
        bool jumped = false;
        while (true)
        {
            if (at >= message.Length)
                return false;
            int length = message[at];
            if (length == 0)
            {
                if (!jumped)
                    offset = at + 1;
                name = labels.ToString();
                return true;
            }

            if ((length & 0xC0) == 0xC0)
            {
                if (at + 1 >= message.Length)
                    return false;
                int target = ((length & 0x3F) << 8) | message[at + 1];
                if (target >= Math.Min(at, limit))
                    return false;
                if (!jumped)
                    offset = at + 2;
                (jumped, limit, at) = (true, target, target);
                continue;
            }

            if (length > MaxLabelLength || at + 1 + length > message.Length || labels.Length + length > MaxNameLength)
                return false;
            if (labels.Length > 0)
                labels.Append('.');
            labels.Append(Encoding.ASCII.GetString(message.Slice(at + 1, length)).ToLowerInvariant());
            at += 1 + length;
        }
    }
}
