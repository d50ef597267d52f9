using Ice.Testing;

namespace Ice.Net.Tests.Sockets;

[Rfc(2474, "3"), Rfc(3168, "5")]
internal sealed class TrafficClassTests
{
    [Test]
    public void The_fields_and_the_octet_are_the_same_thing()
    {
        for (int octet = 0; octet <= 255; octet++)
        {
            TrafficClass value = TrafficClass.FromOctet((byte)octet);
            Assert.That((value.Octet, value.Dscp, (int)value.Ecn), Is.EqualTo(((byte)octet, octet / 4, octet % 4)));
            Assert.That(new TrafficClass(value.Dscp, value.Ecn), Is.EqualTo(value));
        }
    }

    [Test]
    public void Expedited_forwarding_is_0xB8() => Assert.That(new TrafficClass(46).Octet, Is.EqualTo(0xB8));

    [TestCase(-1)]
    [TestCase(64)]
    [TestCase(184)]
    public void A_DSCP_out_of_range_is_refused_with_what_to_do(int dscp) =>
        Assert.That(() => new TrafficClass(dscp), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("FromOctet"));

    [Test]
    public void There_are_four_codepoints() => Assert.That(() => new TrafficClass(0, (EcnCodepoint)4), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
