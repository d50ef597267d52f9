using System.Buffers.Binary;

namespace Ice.Simulation;

/// <summary>Writes a simulated packet as an IP packet with a UDP or TCP header and right checksums.</summary>
internal static class IPPacket
{
    private const byte Tcp = 6;
    private const byte Udp = 17;

    public static byte[] Encode(in SimPacket packet)
    {
        byte[] bytes = new byte[packet.IPLength];
        int header = packet.Destination.IsIPv6 ? WriteIPv6(packet, bytes) : WriteIPv4(packet, bytes);
        Span<byte> segment = bytes.AsSpan(header);
        BinaryPrimitives.WriteUInt16BigEndian(segment, (ushort)packet.Source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(segment[2..], (ushort)packet.Destination.Port);
        int checksumAt = packet.Protocol == SimProtocol.Udp ? WriteUdp(packet, segment) : WriteTcp(packet, segment);
        // The pseudo-header: both addresses, the protocol and the length.
        int addresses = packet.Destination.AddressLength * 2;
        uint sum = Sum(bytes.AsSpan(header - addresses, addresses)) + Number(packet) + (uint)segment.Length + Sum(segment);
        ushort checksum = Fold(sum);
        BinaryPrimitives.WriteUInt16BigEndian(segment[checksumAt..], checksum == 0 && packet.Protocol == SimProtocol.Udp ? ushort.MaxValue : checksum);
        return bytes;
    }

    private static byte Number(in SimPacket packet) => packet.Protocol == SimProtocol.Udp ? Udp : Tcp;

    private static int WriteUdp(in SimPacket packet, Span<byte> udp)
    {
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        packet.Payload.Span.CopyTo(udp[8..]);
        return 6;
    }

    private static int WriteTcp(in SimPacket packet, Span<byte> tcp)
    {
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], packet.Tcp.Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], packet.Tcp.Acknowledgment);
        tcp[12] = 5 << 4; // the header's length in words of 4 bytes
        // Whoever has data to tell wants it told at once: PSH.
        tcp[13] = (byte)((int)packet.Tcp.Flags | (packet.Payload.IsEmpty ? 0 : 8));
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], ushort.MaxValue); // window
        packet.Payload.Span.CopyTo(tcp[20..]);
        return 16;
    }

    private static int WriteIPv4(in SimPacket packet, Span<byte> bytes)
    {
        bytes[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)packet.IPLength);
        bytes[6] = 0x40; // do not fragment
        bytes[8] = (byte)packet.HopLimit;
        bytes[9] = Number(packet);
        _ = packet.Source.WriteAddress(bytes[12..]);
        _ = packet.Destination.WriteAddress(bytes[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[10..], Fold(Sum(bytes[..20])));
        return 20;
    }

    private static int WriteIPv6(in SimPacket packet, Span<byte> bytes)
    {
        bytes[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)(packet.IPLength - 40));
        bytes[6] = Number(packet);
        bytes[7] = (byte)packet.HopLimit;
        _ = packet.Source.WriteAddress(bytes[8..]);
        _ = packet.Destination.WriteAddress(bytes[24..]);
        return 40;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i + 1 < bytes.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        return (bytes.Length & 1) == 0 ? sum : sum + ((uint)bytes[^1] << 8);
    }

    private static ushort Fold(uint sum)
    {
        while (sum >> 16 != 0)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
