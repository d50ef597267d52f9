using System.Net;
using SIPSorcery.Net;
using SIPSorcery.Sys;

namespace Ice.SIPSorcery.Tests;

public sealed class ConfigurationTests
{
    [Test]
    public void Servers_are_read_as_SIPSorcery_reads_them()
    {
        IceAgentOptions options = AgentOptionsFactory.Create(
            new RTCConfiguration
            {
                iceServers =
                [
                    new RTCIceServer { urls = "stun.example.org, stun:192.0.2.1:3479" },
                    new RTCIceServer { urls = "turn:turn.example.org?transport=tcp,turns:turn.example.org", username = "alice", credential = "secret" },
                ],
                iceTransportPolicy = RTCIceTransportPolicy.relay,
            },
            0,
            null);
        Assert.That(options.Servers.SelectMany(static server => server.Urls), Is.EqualTo(new[]
        {
            "stun:stun.example.org", "stun:192.0.2.1:3479", "turn:turn.example.org?transport=tcp", "turns:turn.example.org",
        }));
        Assert.That(options.Servers[1].Username, Is.EqualTo("alice"));
        Assert.That(options.Policy, Is.EqualTo(IceTransportPolicy.Relay));
    }

    [Test]
    public void A_URL_that_is_none_throws_at_once() => Assert.That(
        static () => new IcePeerConnection(Connections.Loopback(new RTCIceServer { urls = "turn:" })), Throws.InstanceOf<FormatException>());

    [Test]
    public void The_address_and_the_ports_are_those_that_were_asked_for()
    {
        IceAgentOptions options = AgentOptionsFactory.Create(Connections.Loopback(), 0, new PortRange(50_000, 50_010));
        Assert.That(options.BindAddresses, Is.EqualTo(new[] { IPAddress.Loopback }));
        Assert.That(options.PortRange, Is.EqualTo(new IcePortRange(50_000, 50_009)));
        Assert.That(AgentOptionsFactory.Create(new RTCConfiguration(), 4_000, null).PortRange, Is.EqualTo(new IcePortRange(4_000, 4_000)));
        Assert.That(AgentOptionsFactory.Create(new RTCConfiguration { X_BindAddress = IPAddress.Any }, 0, null).IPv6, Is.False);
    }

    [Test]
    public void All_interfaces_are_taken_only_when_asked_for()
    {
        Assert.That(AgentOptionsFactory.Create(new RTCConfiguration(), 0, null).AddressFilter, Is.Not.Null);
        Assert.That(AgentOptionsFactory.Create(new RTCConfiguration { X_ICEIncludeAllInterfaceAddresses = true }, 0, null).AddressFilter, Is.Null);
    }
}
