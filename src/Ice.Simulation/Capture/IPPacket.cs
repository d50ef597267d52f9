using System.Buffers.Binary;

namespace Ice.Simulation;

/// <summary>Writes a simulated datagram as an IP packet with a UDP header and right checksums.</summary>
internal static class IPPacket
{
    private const byte Udp = 17;
    private const int UdpHeaderLength = 8;

    public static byte[] Encode(in SimPacket packet)
    {
        byte[] bytes = new byte[packet.IPLength];
        int header = packet.Destination.IsIPv6 ? WriteIPv6(packet, bytes) : WriteIPv4(packet, bytes);
        Span<byte> udp = bytes.AsSpan(header);
        BinaryPrimitives.WriteUInt16BigEndian(udp, (ushort)packet.Source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], (ushort)packet.Destination.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        packet.Payload.Span.CopyTo(udp[UdpHeaderLength..]);
        // The pseudo-header: both addresses, the protocol and the length.
        int addresses = packet.Destination.AddressLength * 2;
        uint sum = Sum(bytes.AsSpan(header - addresses, addresses)) + Udp + (uint)udp.Length + Sum(udp);
        ushort checksum = Fold(sum);
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], checksum == 0 ? ushort.MaxValue : checksum);
        return bytes;
    }

    private static int WriteIPv4(in SimPacket packet, Span<byte> bytes)
    {
        bytes[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)packet.IPLength);
        bytes[6] = 0x40; // do not fragment
        bytes[8] = (byte)packet.HopLimit;
        bytes[9] = Udp;
        _ = packet.Source.WriteAddress(bytes[12..]);
        _ = packet.Destination.WriteAddress(bytes[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[10..], Fold(Sum(bytes[..20])));
        return 20;
    }

    private static int WriteIPv6(in SimPacket packet, Span<byte> bytes)
    {
        bytes[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)(packet.Payload.Length + UdpHeaderLength));
        bytes[6] = Udp;
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
