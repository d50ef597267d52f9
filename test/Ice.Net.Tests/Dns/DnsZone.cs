using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Ice.Net.Tests;

/// <summary>Writes DNS responses by hand.</summary>
internal static class DnsZone
{
    public static byte[] Answer(ReadOnlySpan<byte> query, int code, bool truncated, params (int Type, int Ttl, byte[] Data)[] records)
    {
        List<byte> message = [.. query];
        message[2] = (byte)(0x81 | (truncated ? 2 : 0));
        message[3] = (byte)(0x80 | code);
        message[7] = (byte)records.Length;
        foreach ((int type, int ttl, byte[] data) in records)
        {
            // The name is a pointer to the question.
            message.AddRange((ReadOnlySpan<byte>)[0xC0, 12, (byte)(type >> 8), (byte)type, 0, 1]);
            byte[] number = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, ttl);
            message.AddRange(number);
            message.AddRange((ReadOnlySpan<byte>)[(byte)(data.Length >> 8), (byte)data.Length]);
            message.AddRange(data);
        }

        return [.. message];
    }

    public static byte[] Address(string address) => IPAddress.Parse(address).GetAddressBytes();

    public static byte[] Service(int priority, int weight, int port, string target) =>
        [(byte)(priority >> 8), (byte)priority, (byte)(weight >> 8), (byte)weight, (byte)(port >> 8), (byte)port, .. Name(target)];

    public static byte[] Pointer(int order, int preference, string flags, string services, string replacement) =>
        [(byte)(order >> 8), (byte)order, (byte)(preference >> 8), (byte)preference, .. Text(flags), .. Text(services), 0, .. Name(replacement)];

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Name(string name) => [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(Text), 0];
}
