using System.Buffers.Binary;
using System.Text;
using Stun;

namespace Ice.Simulation.Tests;

public class PcapNgTests
{
    [Test]
    public void A_capture_is_a_row_of_well_formed_blocks([Values] bool ipv6)
    {
        List<(uint Type, byte[] Body)> blocks = Blocks(Capture(ipv6));
        Assert.That(blocks.Select(static block => block.Type), Is.EqualTo(new uint[] { 0x0A0D0D0A, 1, 6, 1, 6, 1, 6 }));
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(blocks[0].Body), Is.EqualTo(0x1A2B3C4D));
        string[] names = [.. blocks.Where(static block => block.Type == 1).Select(static block => Option(block.Body.AsSpan(8), 2))];
        Assert.That(names, Is.EqualTo(new[] { "a eth0", "b eth0", "c eth0" }));
        Assert.That(blocks.Where(static block => block.Type == 1), Is.All.Matches<(uint, byte[] Body)>(static block => block.Body[0] == 101));
    }

    [Test]
    public void Packets_have_right_headers_checksums_and_times([Values] bool ipv6)
    {
        byte[][] packets = [.. Blocks(Capture(ipv6)).Where(static block => block.Type == 6).Select(static block => block.Body)];
        ulong[] times = [.. packets.Select(static body =>
            ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(body.AsSpan(4)) << 32) | BinaryPrimitives.ReadUInt32LittleEndian(body.AsSpan(8)))];
        ulong epoch = (ulong)PcapNgWriter.Epoch.ToUnixTimeSeconds() * 1_000_000_000;
        Assert.That(times, Is.EqualTo(new[] { epoch + 1_000_000_000, epoch + 1_030_000_000, epoch + 2_030_000_000 }));
        int header = ipv6 ? 40 : 20;
        foreach (byte[] body in packets)
        {
            int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(body.AsSpan(12));
            ReadOnlySpan<byte> packet = body.AsSpan(20, length);
            Assert.That(packet[0] >> 4, Is.EqualTo(ipv6 ? 6 : 4));
            Assert.That(BinaryPrimitives.ReadUInt16BigEndian(packet[(header + 4)..]), Is.EqualTo(length - header), "UDP length");
            Assert.That(Encoding.UTF8.GetString(packet[(header + 8)..]), Is.EqualTo("odd"));
            if (!ipv6)
                Assert.That(OnesComplementSum(packet[..20], 0), Is.EqualTo(0xFFFF), "IPv4 header checksum");
            uint pseudo = 17u + (uint)(length - header);
            ReadOnlySpan<byte> addressesAndUdp = packet[(ipv6 ? 8 : 12)..];
            Assert.That(OnesComplementSum(addressesAndUdp, pseudo), Is.EqualTo(0xFFFF), "UDP checksum");
        }
    }

    [Test]
    public void A_packet_that_was_dropped_says_why()
    {
        (uint Type, byte[] Body) last = Blocks(Capture(false))[^1];
        int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(last.Body.AsSpan(12));
        Assert.That(Option(last.Body.AsSpan(20 + ((length + 3) & ~3)), 1), Is.EqualTo("dropped: LinkCut"));
    }

    // One datagram from a to b after a second, and one second later one to c, whose link is cut.
    private static byte[] Capture(bool ipv6)
    {
        string prefix = ipv6 ? "2001:db8::" : "203.0.113.";
        var net = new TestNet(1);
        using var file = new MemoryStream();
        using (var writer = new PcapNgWriter(file, net.Network.Clock, leaveOpen: true))
        {
            Endpoint a = net.Host("a", net.Internet, prefix + "1", new LinkConditions { Latency = TimeSpan.FromMilliseconds(30) });
            Endpoint b = net.Host("b", net.Internet, prefix + "2");
            Endpoint c = net.Host("c", net.Internet, prefix + "3");
            c.Link.Cut();
            net.Network.AddTap(new Only(writer, record => record.Where.Node != a.Host || record.Packet.Destination == b.Address));
            net.Network.RunFor(TimeSpan.FromSeconds(1));
            a.Send(b.Address, "odd");
            net.Settle();
            a.Send(c.Address, "odd");
            net.Settle();
            Assert.That(writer.Count, Is.EqualTo(3));
        }

        return file.ToArray();
    }

    private static List<(uint Type, byte[] Body)> Blocks(byte[] file)
    {
        List<(uint, byte[])> blocks = [];
        for (int at = 0; at < file.Length;)
        {
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));
            int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 4));
            Assert.That(length % 4, Is.Zero, "block lengths are multiples of four");
            Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + length - 4)), Is.EqualTo((uint)length), "the length stands at both ends");
            blocks.Add((type, file[(at + 8)..(at + length - 4)]));
            at += length;
        }

        return blocks;
    }

    private static string Option(ReadOnlySpan<byte> options, ushort wanted)
    {
        while (!options.IsEmpty)
        {
            ushort code = BinaryPrimitives.ReadUInt16LittleEndian(options);
            ushort length = BinaryPrimitives.ReadUInt16LittleEndian(options[2..]);
            if (code == wanted)
                return Encoding.UTF8.GetString(options.Slice(4, length));
            options = options[(4 + ((length + 3) & ~3))..];
        }

        return "";
    }

    private static uint OnesComplementSum(ReadOnlySpan<byte> bytes, uint sum)
    {
        for (int i = 0; i < bytes.Length; i += 2)
            sum += (uint)(bytes[i] << 8) | (i + 1 < bytes.Length ? bytes[i + 1] : 0u);
        while (sum >> 16 != 0)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return sum;
    }

    private sealed class Only(PacketTap tap, Predicate<PacketRecord> wanted) : PacketTap
    {
        public override void OnPacket(in PacketRecord record)
        {
            if (wanted(record))
                tap.OnPacket(record);
        }
    }
}
