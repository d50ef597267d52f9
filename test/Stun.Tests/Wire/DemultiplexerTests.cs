using Ice.Testing;

namespace Stun.Tests;

[Rfc(7983, "7"), Rfc(9443, "3")]
internal sealed class DemultiplexerTests
{
    [TestCase(0, 3, PacketKind.Stun)]
    [TestCase(4, 15, PacketKind.Unknown)]
    [TestCase(16, 19, PacketKind.Zrtp)]
    [TestCase(20, 63, PacketKind.Dtls)]
    [TestCase(64, 79, PacketKind.TurnChannel)]
    [TestCase(80, 127, PacketKind.Quic)]
    [TestCase(128, 191, PacketKind.Rtp)]
    [TestCase(192, 255, PacketKind.Quic)]
    public void The_first_byte_decides(int from, int to, PacketKind expected)
    {
        for (int first = from; first <= to; first++)
        {
            Assert.That(Demultiplexer.Classify([(byte)first]), Is.EqualTo(expected), $"{first}");
            Assert.That(Demultiplexer.Classify([(byte)first, 0, 0, 0]), Is.EqualTo(expected), $"{first}");
        }
    }

    [TestCase(191, PacketKind.Rtp), TestCase(192, PacketKind.Rtcp), TestCase(223, PacketKind.Rtcp), TestCase(224, PacketKind.Rtp)]
    [Rfc(5761, "4")]
    public void The_second_byte_tells_rtcp_from_rtp(int second, PacketKind expected) =>
        Assert.That(Demultiplexer.Classify([0x80, (byte)second]), Is.EqualTo(expected));

    [Test]
    public void Nothing_is_unknown() => Assert.That(Demultiplexer.Classify([]), Is.EqualTo(PacketKind.Unknown));
}
