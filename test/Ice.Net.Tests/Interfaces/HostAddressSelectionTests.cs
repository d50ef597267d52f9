using System.Net;
using Ice.Testing;

namespace Ice.Net.Tests;

[Rfc(8445, "5.1.1.1")]
public sealed class HostAddressSelectionTests
{
    [Test]
    public void Loopback_is_left_out_unless_asked_for()
    {
        HostAddress[] addresses = [Loopback("127.0.0.1"), Loopback("::1"), On("eth0", "192.0.2.1", 24)];

        Assert.That(Names(HostAddressSelection.Select(addresses, includeLoopback: false)), Is.EqualTo(new[] { "192.0.2.1" }));
        Assert.That(Names(HostAddressSelection.Select(addresses, includeLoopback: true)), Is.EqualTo(new[] { "127.0.0.1", "::1", "192.0.2.1" }));
    }

    [Test]
    public void Another_address_on_the_loopback_interface_is_left_out() =>
        Assert.That(Select(new HostAddress { Address = IPAddress.Parse("198.51.100.1"), InterfaceName = "lo", IsLoopback = true }), Is.Empty);

    [TestCase("::192.0.2.1", TestName = "IPv4-compatible addresses are left out")]
    [TestCase("fec0::1", TestName = "Site-local addresses are left out")]
    [TestCase("::ffff:192.0.2.1", TestName = "IPv4-mapped addresses are left out")]
    [TestCase("::", TestName = "The unspecified IPv6 address is left out")]
    [TestCase("0.0.0.0", TestName = "The unspecified IPv4 address is left out")]
    [TestCase("ff02::1", TestName = "IPv6 multicast is left out")]
    [TestCase("224.0.0.251", TestName = "IPv4 multicast is left out")]
    public void Left_out(string address) => Assert.That(Select(On("eth0", address, 64)), Is.Empty);

    [TestCase("10.0.0.1", TestName = "Private IPv4 stays")]
    [TestCase("2001:db8::1", TestName = "Global IPv6 stays")]
    [TestCase("fd00::1", TestName = "Unique local IPv6 stays")]
    [TestCase("fe80::1", TestName = "A lone IPv6 link-local address stays")]
    [TestCase("169.254.3.4", TestName = "A lone IPv4 link-local address stays")]
    public void Kept(string address) => Assert.That(Select(On("eth0", address, 64)), Is.EqualTo(new[] { address }));

    [Test]
    public void A_temporary_address_displaces_the_trackable_one_of_its_interface_and_prefix()
    {
        string[] selected = Select(
            On("eth0", "2001:db8:1::1", 64),
            On("eth0", "2001:db8:1::aaaa", 64) with { IsTemporary = true },
            On("eth0", "2001:db8:2::1", 64),
            On("wlan0", "2001:db8:1::2", 64));
        Assert.That(selected, Is.EqualTo(new[] { "2001:db8:1::aaaa", "2001:db8:2::1", "2001:db8:1::2" }));
    }

    [Test]
    public void A_temporary_address_anywhere_displaces_every_IPv6_link_local_one()
    {
        string[] selected = Select(
            On("eth0", "2001:db8:1::aaaa", 64) with { IsTemporary = true },
            On("wlan0", "fe80::2", 64),
            On("wlan0", "169.254.1.1", 16));
        Assert.That(selected, Is.EqualTo(new[] { "2001:db8:1::aaaa", "169.254.1.1" }));
    }

    [Test]
    public void A_routable_address_displaces_the_link_local_one_of_its_interface_and_family_only()
    {
        string[] selected = Select(On("eth0", "2001:db8::1", 64), On("eth0", "fe80::1", 64), On("eth1", "fe80::2", 64), On("eth1", "192.0.2.1", 24));
        Assert.That(selected, Is.EqualTo(new[] { "2001:db8::1", "fe80::2", "192.0.2.1" }));
    }

    [Test]
    public void A_deprecated_address_gives_way_to_a_current_one_of_its_prefix()
    {
        HostAddress old = On("eth0", "2001:db8::1", 64) with { IsDeprecated = true };
        Assert.That(Select(old, On("eth0", "2001:db8::2", 64)), Is.EqualTo(new[] { "2001:db8::2" }));
        Assert.That(Select(old), Is.EqualTo(new[] { "2001:db8::1" }));
    }

    [Test]
    public void A_deprecated_temporary_address_displaces_nothing()
    {
        HostAddress old = On("eth0", "2001:db8::1", 64) with { IsDeprecated = true, IsTemporary = true };
        Assert.That(Select(old, On("eth0", "2001:db8::2", 64)), Does.Contain("2001:db8::2"));
    }

    [Test]
    public void An_address_listed_twice_is_taken_once() =>
        Assert.That(Select(On("eth0", "192.0.2.1", 24), On("eth0:1", "192.0.2.1", 24)), Is.EqualTo(new[] { "192.0.2.1" }));

    private static HostAddress On(string interfaceName, string address, int prefixLength) =>
        new() { Address = IPAddress.Parse(address), InterfaceName = interfaceName, PrefixLength = prefixLength };

    private static HostAddress Loopback(string address) => On("lo", address, 8) with { IsLoopback = true };

    private static string[] Select(params HostAddress[] addresses) => Names(HostAddressSelection.Select(addresses, includeLoopback: false));

    private static string[] Names(IEnumerable<HostAddress> addresses) => [.. addresses.Select(static address => address.Address.ToString())];
}
