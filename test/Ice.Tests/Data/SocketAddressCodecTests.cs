using System.Net;
using Stun;

namespace Ice.Tests;

public sealed class SocketAddressCodecTests
{
    [TestCase("192.0.2.1", 5000)]
    [TestCase("2001:db8::1", 65535)]
    [TestCase("127.0.0.1", 1)]
    public void An_address_is_written_and_read_as_the_framework_does(string text, int port)
    {
        TransportAddress address = TransportAddress.Parse(text, port);
        SocketAddress written = SocketAddressCodec.Create(address, 0);
        Assert.That(written, Is.EqualTo(address.ToIPEndPoint().Serialize()));
        Assert.That(SocketAddressCodec.Read(written), Is.EqualTo(address));
    }

    [Test]
    public void A_link_local_destination_gets_the_sockets_zone_and_loses_it_when_read()
    {
        TransportAddress address = TransportAddress.Parse("fe80::1", 5000);
        SocketAddress written = SocketAddressCodec.Create(address, 3);
        Assert.That(written, Is.EqualTo(new IPEndPoint(IPAddress.Parse("fe80::1%3"), 5000).Serialize()));
        Assert.That(SocketAddressCodec.Read(written), Is.EqualTo(address));
    }

    [Test]
    public void Only_link_local_destinations_get_a_zone()
    {
        TransportAddress address = TransportAddress.Parse("2001:db8::1", 5000);
        Assert.That(SocketAddressCodec.Create(address, 3), Is.EqualTo(address.ToIPEndPoint().Serialize()));
    }
}
