using System.Net;
using System.Net.Sockets;

namespace Ice.Tests;

public sealed class MuxOptionsTests
{
    private static IEnumerable<TestCaseData<Func<IceAgentOptions, IceAgentOptions>, string>> WrongAgents =>
    [
        new(static options => options with { Streams = [2] }, "multiplex RTP and RTCP"),
        new(static options => options with { Streams = [1, 1] }, "bundle"),
        new(static options => options with { BindAddresses = [IPAddress.Loopback] }, "IceUdpMuxOptions"),
        new(static options => options with { PortRange = new IcePortRange(1000, 2000) }, "IceUdpMuxOptions"),
        new(static options => options with { Traversal = new IceTraversalOptions() }, "Traversal"),
        new(static options => options with { MaxDatagramSize = 9000 }, "2048 bytes at most"),
    ];

    private static IEnumerable<TestCaseData<IceUdpMuxOptions, string>> WrongMuxes =>
    [
        new(new() { Port = 70_000 }, "Port is 70000"),
        new(new() { Shards = 0 }, "Shards is 0"),
        new(new() { Shards = 2, SocketFactory = static _ => throw new NotSupportedException() }, "SocketFactory"),
        new(new() { MaxDatagramSize = 10 }, "MaxDatagramSize is 10"),
        new(new() { Addresses = [IPAddress.Any] }, "wildcard"),
        new(new() { IPv4 = false, IPv6 = false }, "switch one of them on"),
        new(new() { Addresses = null! }, "leave them out"),
    ];

    [TestCaseSource(nameof(WrongAgents))]
    public async Task What_an_agent_cannot_have_behind_a_mux_is_refused_with_what_to_write_instead(Func<IceAgentOptions, IceAgentOptions> change, string hint)
    {
        await using IceUdpMux mux = IceUdpMux.Bind(MuxedPairs.Loopback);
        Assert.That(() => new IceAgent(change(new IceAgentOptions { Mux = mux })), Throws.ArgumentException.With.Message.Contains(hint));
        Assert.That(mux.AgentCount, Is.Zero);
    }

    [TestCaseSource(nameof(WrongMuxes))]
    public void A_wrong_option_is_refused_with_what_to_write_instead(IceUdpMuxOptions options, string hint) =>
        Assert.That(() => IceUdpMux.Bind(options), Throws.ArgumentException.With.Message.Contains(hint));

    [Test]
    public async Task A_port_that_is_taken_is_an_error_and_leaves_nothing_open()
    {
        MemoryNetwork network = new();
        await using IceUdpMux mux = IceUdpMux.Bind(MuxedPairs.Loopback);
        Assert.That(() => IceUdpMux.Bind(MuxedPairs.Loopback with { Port = mux.LocalEndPoints[0].Port }), Throws.InstanceOf<SocketException>());
        IceUdpMuxOptions second = new()
        {
            Addresses = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2")],
            SocketFactory = endPoint => endPoint.Address.ToString() == "192.0.2.2" ? throw new SocketException((int)SocketError.AddressNotAvailable) : network.Bind(endPoint),
        };
        Assert.That(() => IceUdpMux.Bind(second), Throws.InstanceOf<SocketException>());
        Assert.That(network.OpenSockets, Is.Zero);
    }

    [Test]
    public async Task Addresses_of_interfaces_that_cannot_be_bound_are_left_out_unless_none_can()
    {
        CapturingLoggerFactory logs = new();
        MemoryNetwork network = new();
        bool all = false;
        IceUdpMuxOptions options = new()
        {
            LoggerFactory = logs,
            InterfaceLister = static () => [Listed("192.0.2.1"), Listed("192.0.2.2")],
            SocketFactory = endPoint => all || endPoint.Address.ToString() == "192.0.2.2" ? throw new SocketException((int)SocketError.AddressNotAvailable) : network.Bind(endPoint),
        };
        await using IceUdpMux mux = IceUdpMux.Bind(options);
        Assert.That(mux.LocalEndPoints.Single().Address.ToString(), Is.EqualTo("192.0.2.1"));
        Assert.That(logs.Lines, Has.Some.StartsWith("Warning 1002"));
        all = true;
        Assert.That(() => IceUdpMux.Bind(options), Throws.InstanceOf<SocketException>());
        Assert.That(() => IceUdpMux.Bind(options with { InterfaceLister = static () => [] }), Throws.InstanceOf<SocketException>().With.Message.Contains("IncludeLoopback"));
    }

    private static Net.HostAddress Listed(string address) => new() { Address = IPAddress.Parse(address), InterfaceName = "eth0" };
}
