using System.Net;

namespace Ice.Tests;

public sealed class OptionsTests
{
    private static IEnumerable<TestCaseData<IceAgentOptions, string>> Wrong =>
    [
        new(new() { Pacing = TimeSpan.FromMilliseconds(4) }, "5 ms or more"),
        new(new() { Streams = [] }, "Streams needs one entry"),
        new(new() { Streams = [0] }, "1 to 256"),
        new(new() { IPv4 = false, IPv6 = false }, "switch one of them on"),
        new(new() { PortRange = new IcePortRange(100, 99) }, "first and the last port"),
        new(new() { ReceiveBufferSlots = 0 }, "ReceiveBufferSlots is 0"),
        new(new() { MaxDatagramSize = 100 }, "MaxDatagramSize is 100"),
        new(new() { PatienceTimeout = TimeSpan.Zero }, "PatienceTimeout"),
        new(new() { GatheringTimeout = TimeSpan.Zero }, "GatheringTimeout"),
        new(new() { LocalParameters = new IceParameters("abc", "abcdefghijklmnopqrstuv") }, "username fragment"),
        new(new() { Mode = IceMode.Lite, Role = IceRole.Controlled, Servers = [new IceServer("stun:192.0.2.1")] }, "leave Servers empty"),
        new(new() { Servers = null! }, "leave them out"),
    ];

    [TestCaseSource(nameof(Wrong))]
    public void A_wrong_option_is_refused_with_what_to_write_instead(IceAgentOptions options, string hint) =>
        Assert.That(() => new IceAgent(options), Throws.ArgumentException.With.Message.Contains(hint));

    [Test]
    public void Relays_alone_are_refused_until_there_are_any() =>
        Assert.That(() => new IceAgent(new() { Policy = IceTransportPolicy.Relay }), Throws.ArgumentException.With.Message.Contains("TURN"));

    [TestCase("http://example.org")]
    [TestCase("stun:")]
    [TestCase("stun.example.org")]
    public void A_servers_URL_is_checked_at_once(string url) => Assert.Throws<FormatException>(() => _ = new IceServer(url));

    [Test]
    public void A_server_does_not_show_its_credential()
    {
        IceServer server = new(["stun:stun.example.org", "turn:turn.example.org"], "user", "s3cret");
        Assert.That(server.ToString(), Is.EqualTo("stun:stun.example.org, turn:turn.example.org as user (credential hidden)"));
        Assert.That(new IceAgentOptions { Servers = [server] }.ToString(), Does.Not.Contain("s3cret"));
    }

    [Test]
    public async Task Local_parameters_may_be_given()
    {
        IceParameters parameters = new("mine", "abcdefghijklmnopqrstuvwx");
        await using IceAgent agent = new(new() { LocalParameters = parameters });
        Assert.That(agent.LocalParameters.UsernameFragment, Is.EqualTo("mine"));
        Assert.That(agent.LocalParameters.Password, Is.EqualTo(parameters.Password));
    }

    [Test]
    public async Task A_lite_agent_answers_a_full_one()
    {
        await using MemoryPair pair = await MemoryPair.ConnectedAsync(right: static options => options with { Mode = IceMode.Lite });
        Assert.That(pair.Right.LocalParameters.Lite, Is.True);
        Assert.That(pair.Left.TrySend([1]), Is.True);
        await pair.Right.ReceiveAsync(new byte[10]).AsTask().WaitAsync(AgentPair.Limit);
    }

    [Test]
    public async Task The_role_may_be_set_until_checks_begin()
    {
        await using MemoryPair pair = new();
        pair.Left.SetRole(IceRole.Controlled);
        pair.Right.SetRole(IceRole.Controlling);
        pair.Exchange();
        await pair.ConnectAsync();

        Assert.That(pair.Left.Role, Is.EqualTo(IceRole.Controlled));
        Assert.Throws<InvalidOperationException>(() => pair.Left.SetRole(IceRole.Controlling));
    }

    [Test]
    public async Task Misuse_is_answered_with_what_to_do()
    {
        await using MemoryPair pair = new();
        Assert.Multiple(() =>
        {
            Assert.That(() => pair.Left.RestartAsync(), Throws.InvalidOperationException.With.Message.Contains("first"));
            Assert.That(() => pair.Left.SetRemoteParameters(new IceParameters("ab", "cd")), Throws.ArgumentException.With.Message.Contains("4 to 256"));
            Assert.That(() => pair.Left.AddRemoteCandidate(null, 1), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("1 stream"));
            Assert.That(() => pair.Left.SetRemoteParameters(null!), Throws.ArgumentNullException);
            Assert.That(() => new IceAgent(null!), Throws.ArgumentNullException);
        });
        pair.Left.SetRemoteParameters(pair.Right.LocalParameters);
        Assert.That(() => pair.Left.SetRemoteParameters(new IceParameters("other", "abcdefghijklmnopqrstuvwx")), Throws.InvalidOperationException.With.Message.Contains("Restart"));
    }

    [Test]
    public async Task An_agent_that_is_asked_to_connect_gathers_by_itself()
    {
        MemoryNetwork network = new();
        await using IceAgent agent = new(new() { BindAddresses = [IPAddress.Parse("192.0.2.1")], SocketFactory = network.Bind });
        using CancellationTokenSource cancel = new();
        Task connecting = agent.ConnectAsync(cancel.Token);
        Assert.That(agent.LocalCandidates, Has.Count.EqualTo(1));

        await cancel.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => connecting.WaitAsync(AgentPair.Limit));
    }
}
