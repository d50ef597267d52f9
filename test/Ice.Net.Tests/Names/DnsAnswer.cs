using System.Buffers.Binary;
using System.Net;

namespace Ice.Net.Tests;

/// <summary>Makes the answer of a multicast DNS responder to a one-shot query: the question repeated, then an address record each.</summary>
internal static class DnsAnswer
{
    public static byte[] Make(ushort id, string name, params IPAddress[] addresses)
    {
        byte[] question = new byte[MdnsMessage.MaxQueryLength];
        int length = MdnsMessage.WriteQuery(question, id, name);
        List<byte> answer = [.. question[..length]];
        answer[2] = 0x84;
        answer[7] = (byte)addresses.Length;
        foreach (IPAddress address in addresses)
        {
            byte[] data = address.GetAddressBytes();
            answer.AddRange([0xC0, 0x0C, 0, (byte)(data.Length == 4 ? 1 : 28), 0, 1, 0, 0, 0, 10, 0, (byte)data.Length]);
            answer.AddRange(data);
        }

        return [.. answer];
    }

    /// <summary>The id of a query.</summary>
    public static ushort IdOf(ReadOnlySpan<byte> query) => BinaryPrimitives.ReadUInt16BigEndian(query);
}
