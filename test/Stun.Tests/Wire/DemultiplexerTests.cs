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

    [TestCase(0, 63)]
    [TestCase(80, 255)]
    public void Only_of_channels_it_matters_who_sent_them(int from, int to)
    {
        for (int first = from; first <= to; first++)
        {
            Assert.That(Demultiplexer.Classify([(byte)first, 0], fromTurnServer: true), Is.EqualTo(Demultiplexer.Classify([(byte)first, 0])), $"{first}");
            Assert.That(Demultiplexer.Classify([(byte)first, 0], fromTurnServer: false), Is.EqualTo(Demultiplexer.Classify([(byte)first, 0])), $"{first}");
        }
    }

    [Test]
    public void What_begins_like_a_channel_is_QUIC_from_anybody_but_a_TURN_server()
    {
        for (int first = 64; first <= 79; first++)
        {
            Assert.That(Demultiplexer.Classify([(byte)first], fromTurnServer: true), Is.EqualTo(PacketKind.TurnChannel));
            Assert.That(Demultiplexer.Classify([(byte)first], fromTurnServer: false), Is.EqualTo(PacketKind.Quic));
        }
    }

    // RFC 5761 §4: payload types 64 to 95 are what RTCP takes away from RTP, with and without the marker bit.
    [Test, Rfc(5761, "4")]
    public void Every_payload_type_that_RTP_may_use_beside_RTCP_is_RTP()
    {
        for (int type = 0; type <= 127; type++)
        {
            bool usable = type is < 64 or > 95;
            Assert.That(Demultiplexer.Classify([0x80, (byte)type]), Is.EqualTo(PacketKind.Rtp), $"{type}");
            Assert.That(Demultiplexer.Classify([0x80, (byte)(type | 0x80)]), Is.EqualTo(usable ? PacketKind.Rtp : PacketKind.Rtcp), $"{type} with the marker");
        }
    }

    // The registered packet types: FIR, NACK, SMPTETC, IJ; SR, RR, SDES, BYE, APP, RTPFB, PSFB, XR, AVB, RSI, TOKEN, IDMS, RGRS, SNM.
    [TestCase(192), TestCase(193), TestCase(194), TestCase(195), TestCase(200), TestCase(201), TestCase(202), TestCase(203), TestCase(204), TestCase(205)]
    [TestCase(206), TestCase(207), TestCase(208), TestCase(209), TestCase(210), TestCase(211), TestCase(212), TestCase(213)]
    [Rfc(5761, "4")]
    public void Every_registered_RTCP_packet_is_RTCP(int type)
    {
        for (int first = 128; first <= 191; first++)
            Assert.That(Demultiplexer.Classify([(byte)first, (byte)type]), Is.EqualTo(PacketKind.Rtcp), $"{first}");
    }

    [Test]
    public void Nothing_is_unknown() => Assert.That(Demultiplexer.Classify([]), Is.EqualTo(PacketKind.Unknown));
}
