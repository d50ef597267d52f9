using System.Net;
using Ice.Net;
using Ice.Testing;

namespace Ice.Tests;

[TestFixture]
internal sealed class HostGathererTests
{
    [Test]
    [Rfc(8445, "19.1")]
    [Rfc(8445, "5.1.1.1")]
    public async Task Filters_decide_which_interfaces_and_addresses_are_used()
    {
        HostAddress[] listed = [On("eth0", "192.0.2.1"), On("eth0", "192.0.2.2"), On("wlan0", "198.51.100.1"), On("tun0", "203.0.113.1")];
        Assert.That(await GatheredAsync(listed, static o => o), Is.EqualTo(new[] { "192.0.2.1", "192.0.2.2", "198.51.100.1", "203.0.113.1" }), "one on each address");
        Assert.That(
            await GatheredAsync(listed, static o => o with { InterfaceFilter = static name => name != "tun0" }),
            Is.EqualTo(new[] { "192.0.2.1", "192.0.2.2", "198.51.100.1" }));
        Assert.That(
            await GatheredAsync(listed, static o => o with { AddressFilter = static address => address.Address.Equals(IPAddress.Parse("192.0.2.2")) }),
            Is.EqualTo(new[] { "192.0.2.2" }));
    }

    private static HostAddress On(string name, string address) => new() { Address = IPAddress.Parse(address), InterfaceName = name, PrefixLength = 24 };

    private static async Task<string[]> GatheredAsync(HostAddress[] listed, Func<IceAgentOptions, IceAgentOptions> change)
    {
        MemoryNetwork network = new();
        await using IceAgent agent = new(change(new IceAgentOptions
        {
            TimeProvider = new ManualTimeProvider(),
            InterfaceLister = () => listed,
            SocketFactory = network.Bind,
        }));
        agent.StartGathering();
        return [.. agent.LocalCandidates.Where(static c => c.Type == IceCandidateType.Host).Select(static c => c.Address.ToIPAddress().ToString())];
    }
}
