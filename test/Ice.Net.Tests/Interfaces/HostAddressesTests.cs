using System.Net;
using System.Net.NetworkInformation;

namespace Ice.Net.Tests;

public sealed class HostAddressesTests
{
    [Test]
    public void The_loopback_address_of_this_host_is_listed_with_its_interface()
    {
        string loopbackName = NetworkInterface.GetAllNetworkInterfaces().First(static device => device.NetworkInterfaceType == NetworkInterfaceType.Loopback).Name;
        HostAddress loopback = HostAddresses.List().First(static address => address.Address.Equals(IPAddress.Loopback));

        Assert.That(loopback, Is.EqualTo(new HostAddress { Address = IPAddress.Loopback, InterfaceName = loopbackName, PrefixLength = 8, IsLoopback = true }));
    }

    [Test]
    public void The_kernels_table_tells_temporary_and_deprecated_addresses()
    {
        Dictionary<string, LinuxAddressFlags.Entry> entries = LinuxAddressFlags.Parse(
        [
            "20010db8000000000000000000000001 02 40 00 80     eth0",
            "20010db8000000000000000000000002 02 40 00 01     eth0",
            "20010db8000000000000000000000003 02 40 00 21     eth0",
            "garbage",
            "20010db8000000000000000000000004 02 40 00 zz     eth0",
        ]);

        Assert.That(entries, Has.Count.EqualTo(3));
        Assert.That(entries[Key("2001:db8::1")], Is.EqualTo(new LinuxAddressFlags.Entry(IsTemporary: false, IsDeprecated: false)));
        Assert.That(entries[Key("2001:db8::2")], Is.EqualTo(new LinuxAddressFlags.Entry(IsTemporary: true, IsDeprecated: false)));
        Assert.That(entries[Key("2001:db8::3")], Is.EqualTo(new LinuxAddressFlags.Entry(IsTemporary: true, IsDeprecated: true)));
    }

    private static string Key(string address) => LinuxAddressFlags.KeyOf(IPAddress.Parse(address), "eth0");
}
