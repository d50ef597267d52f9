using System.Buffers.Binary;
using Ice.Simulation;
using Stun;

namespace NatLab.Network;

/// <summary>An IPv4 packet with UDP or TCP as the simulator sees it: the addresses taken from it and put back, all the rest as it is.</summary>
internal static class RealPacket
{
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private const int SourceAt = 12;
    private const int DestinationAt = 16;
    private const int ChecksumAt = 10;

    /// <summary>Reads a packet, which the simulated one keeps.</summary>
    public static bool TryRead(byte[] bytes, out SimPacket packet)
    {
        packet = default;
        if (bytes.Length < 20 || bytes[0] >> 4 != 4)
            return false;
        int header = (bytes[0] & 15) * 4;
        byte protocol = bytes[9];
        bool fragment = (BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(6)) & 0x3FFF) != 0;
        int transport = protocol switch { Udp => 8, Tcp => 20, _ => 0 };
        if (fragment || transport == 0 || bytes.Length < header + transport)
            return false;
        var ports = bytes.AsSpan(header);
        packet = new SimPacket(
            Read(bytes.AsSpan(SourceAt, 4), BinaryPrimitives.ReadUInt16BigEndian(ports)),
            Read(bytes.AsSpan(DestinationAt, 4), BinaryPrimitives.ReadUInt16BigEndian(ports[2..])),
            bytes.AsMemory(header + transport))
        {
            Protocol = protocol == Udp ? SimProtocol.Udp : SimProtocol.Tcp,
        };
        return true;
    }

    /// <summary>Writes the addresses that a packet has by now to a copy of it.</summary>
    public static byte[] Readdress(byte[] original, in SimPacket packet)
    {
        byte[] bytes = (byte[])original.Clone();
        int header = (bytes[0] & 15) * 4;
        bool udp = packet.Protocol == SimProtocol.Udp;
        Span<byte> checksum = bytes.AsSpan(header + (udp ? 6 : 16), 2);
        bool summed = !udp || BinaryPrimitives.ReadUInt16BigEndian(checksum) != 0; // RFC 768: 0 means that there is none
        uint before = Sum(bytes.AsSpan(SourceAt, 8));
        uint portsBefore = Sum(bytes.AsSpan(header, 4));
        _ = packet.Source.WriteAddress(bytes.AsSpan(SourceAt));
        _ = packet.Destination.WriteAddress(bytes.AsSpan(DestinationAt));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(header), (ushort)packet.Source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(header + 2), (ushort)packet.Destination.Port);
        uint after = Sum(bytes.AsSpan(SourceAt, 8));
        uint portsAfter = Sum(bytes.AsSpan(header, 4));
        Update(bytes.AsSpan(ChecksumAt, 2), before, after);
        if (summed)
            Update(checksum, before + portsBefore, after + portsAfter);
        return bytes;
    }

    private static TransportAddress Read(ReadOnlySpan<byte> address, int port) => TransportAddress.FromIPAddress(new System.Net.IPAddress(address), port);

    // RFC 1624: HC' = ~(~HC + ~m + m')
    private static void Update(Span<byte> checksum, uint before, uint after)
    {
        uint sum = (ushort)~BinaryPrimitives.ReadUInt16BigEndian(checksum) + (uint)(ushort)~Fold(before) + after;
        ushort updated = (ushort)~Fold(sum);
        BinaryPrimitives.WriteUInt16BigEndian(checksum, updated == 0 ? ushort.MaxValue : updated);
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        return sum;
    }

    private static ushort Fold(uint sum)
    {
        while (sum >> 16 != 0)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)sum;
    }
}
