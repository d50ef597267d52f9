using Ice.Core;
using Ice.Testing;
using Stun;

namespace Ice.Tests;

public sealed class PayloadMtuTests
{
    private static readonly IcePath s_server = new(new BaseId(0), TransportAddress.Parse("192.0.2.9", 3478));

    [TestCase("192.0.2.1", 1500, 1472)]
    [TestCase("2001:db8::1", 1500, 1452)]
    [TestCase("192.0.2.1", 65_536, 65_507)]
    [TestCase("2001:db8::1", 65_536, 65_488)]
    [TestCase("192.0.2.1", 20, 0)]
    [Rfc(8085, "3.2")]
    public void A_direct_pair_carries_what_the_system_says_less_the_headers(string remote, int pathMtu, int expected) =>
        Assert.That(PayloadMtu.Direct(pathMtu, TransportAddress.Parse(remote, 5000)), Is.EqualTo(expected));

    [TestCase("192.0.2.1", 1252)]
    [TestCase("2001:db8::1", 1232)]
    [Rfc(8656, "3.7")]
    public void Where_the_system_says_nothing_packets_of_1280_bytes_are_assumed(string remote, int expected) =>
        Assert.That(PayloadMtu.Direct(null, TransportAddress.Parse(remote, 5000)), Is.EqualTo(expected));

    // The way to the server: 1,280 bytes, 28 of headers; ChannelData 4, a Send indication 36 for an IPv4 peer and 48 for an IPv6 one, padded to 4.
    [TestCase("198.51.100.1", 0x4000, 1280, 1248)]
    [TestCase("198.51.100.1", 0, 1280, 1216)]
    [TestCase("198.51.100.1", 0, 1279, 1212)]
    [TestCase("2001:db8::1", 0, 1280, 1204)]
    [TestCase("2001:db8::1", 0x4000, 1280, 1232)]
    [TestCase("198.51.100.1", 0x4000, 9000, 1252)]
    [TestCase("198.51.100.1", 0x4000, 600, 568)]
    [TestCase("198.51.100.1", 0, 60, 0)]
    [Rfc(8656, "3.7"), Rfc(8656, "12.4")]
    public void A_relay_takes_its_framing_and_promises_nothing_beyond(string peer, int channel, int pathMtu, int expected) =>
        Assert.That(PayloadMtu.Relayed(pathMtu, isStream: false, new RelayRoute(s_server, TransportAddress.Parse(peer, 5000), (ushort)channel)), Is.EqualTo(expected));

    [Test]
    public void A_stream_to_the_server_has_no_MTU_of_its_own() =>
        Assert.That(PayloadMtu.Relayed(null, isStream: true, new RelayRoute(s_server, TransportAddress.Parse("198.51.100.1", 5000), 0x4000)), Is.EqualTo(1252));
}
