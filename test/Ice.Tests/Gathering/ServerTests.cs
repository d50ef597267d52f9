using System.Net;
using System.Threading.Channels;
using Ice.Server;
using Ice.Testing;
using Stun;

namespace Ice.Tests;

public sealed class ServerTests
{
    private static readonly IPEndPoint s_server = IPEndPoint.Parse("203.0.113.1:3478");
    private static readonly TransportAddress s_mapped = TransportAddress.Parse("198.51.100.7", 7777);

    [Test]
    [Rfc(8445, "5.1.1.2")]
    public async Task A_server_gives_a_reflexive_candidate_with_its_base()
    {
        await using MemoryPair pair = new(left: static options => options with { Servers = [new IceServer("stun:203.0.113.1")] });
        using MemoryStunServer server = new(pair.Network, s_server, s_mapped);
        TaskCompletionSource<IceServerAnsweredEventArgs> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Left.ServerAnswered += (_, args) => answered.TrySetResult(args);
        IceCandidate[] candidates = await AgentPair.GatherAsync(pair.Left);

        IceCandidate reflexive = candidates.Single(static candidate => candidate.Type == IceCandidateType.ServerReflexive);
        IceServerAnsweredEventArgs args = await answered.Task.WaitAsync(AgentPair.Limit);
        Assert.Multiple(() =>
        {
            Assert.That(reflexive.Address, Is.EqualTo(s_mapped));
            Assert.That(reflexive.RelatedAddress, Is.EqualTo(candidates[0].Address));
            Assert.That(args.Succeeded, Is.True);
            Assert.That(args.Url, Is.EqualTo("stun:203.0.113.1"));
            Assert.That(args.Server, Is.EqualTo(s_server));
            Assert.That(args.Local, Is.EqualTo(candidates[0].EndPoint));
        });
    }

    [Test]
    public async Task A_servers_name_is_resolved_and_each_family_asks_its_own_address()
    {
        await using MemoryPair pair = new(left: static options => options with
        {
            BindAddresses = [.. options.BindAddresses, IPAddress.Parse("2001:db8::1")],
            Servers = [new IceServer("stun:stun.example.org:3479")],
            NameResolver = new TableResolver(("stun.example.org", "203.0.113.1"), ("stun.example.org", "203.0.113.2"), ("stun.example.org", "2001:db8::99")),
        });
        using MemoryStunServer four = new(pair.Network, new IPEndPoint(s_server.Address, 3479), s_mapped);
        using MemoryStunServer six = new(pair.Network, IPEndPoint.Parse("[2001:db8::99]:3479"), TransportAddress.Parse("2001:db8:7::7", 7777));
        Task<IceCandidate[]> gathering = AgentPair.GatherAsync(pair.Left);
        await MemoryPair.EventuallyAsync(() => four.Requests + six.Requests > 0);
        await pair.AdvanceUntilAsync(() => pair.Left.GatheringState == GatheringState.Complete, TimeSpan.FromSeconds(30));

        Assert.That((await gathering).Count(static candidate => candidate.Type == IceCandidateType.ServerReflexive), Is.EqualTo(2));
        Assert.That(new[] { four.Requests, six.Requests }, Has.All.Positive);
    }

    [Test]
    public async Task A_dead_name_and_a_dead_server_delay_nothing_but_the_end_of_gathering()
    {
        await using MemoryPair pair = new(left: static options => options with
        {
            Servers = [new IceServer("stun:dead.example.org"), new IceServer("stun:203.0.113.66")],
            NameResolver = new NeverResolver(),
        });
        List<IceServerAnsweredEventArgs> answers = [];
        Channel<IceServerAnsweredEventArgs> answered = Channel.CreateUnbounded<IceServerAnsweredEventArgs>();
        pair.Left.ServerAnswered += (_, args) => answered.Writer.TryWrite(args);
        pair.Exchange();
        await pair.ConnectAsync();
        Assert.That(pair.Left.GatheringState, Is.EqualTo(GatheringState.Gathering));

        Task<IceCandidate[]> gathering = AgentPair.GatherAsync(pair.Left);
        // Two agents and the time limit of the name.
        await MemoryPair.EventuallyAsync(() => pair.Time.TimerCount == 3);
        await pair.AdvanceUntilAsync(() => pair.Left.GatheringState == GatheringState.Complete || pair.Time.TimerCount == 2, TimeSpan.FromSeconds(30));
        await MemoryPair.EventuallyAsync(() => pair.Left.GatheringState == GatheringState.Complete);
        Assert.That(await gathering.WaitAsync(AgentPair.Limit), Has.Length.EqualTo(1));
        using CancellationTokenSource timeout = new(AgentPair.Limit);
        answers.Add(await answered.Reader.ReadAsync(timeout.Token));
        answers.Add(await answered.Reader.ReadAsync(timeout.Token));
        Assert.Multiple(() =>
        {
            Assert.That(answers.Select(static args => args.Succeeded), Has.All.False);
            Assert.That(answers.Select(static args => args.Reason), Has.Some.Contains("was not resolved within 10 s"));
            Assert.That(answers.Select(static args => args.Url), Is.EquivalentTo(new[] { "stun:dead.example.org", "stun:203.0.113.66" }));
        });
    }

    [Test]
    public async Task A_name_that_does_not_exist_is_reported_and_gathering_ends()
    {
        await using MemoryPair pair = new(left: static options => options with { Servers = [new IceServer("stun:nowhere.example.org")], NameResolver = new TableResolver() });
        TaskCompletionSource<IceServerAnsweredEventArgs> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Left.ServerAnswered += (_, args) => answered.TrySetResult(args);
        IceCandidate[] candidates = await AgentPair.GatherAsync(pair.Left);

        IceServerAnsweredEventArgs args = await answered.Task.WaitAsync(AgentPair.Limit);
        Assert.That(candidates, Has.Length.EqualTo(1));
        Assert.That(args.Reason, Does.Contain("nowhere.example.org"));
        Assert.That(args.Server, Is.Null);
    }

    [TestCase("turns:turn.example.org?transport=udp", "IceAgentOptions.DatagramSecurity")]
    [TestCase("stuns:stun.example.org", "use stun:, or turns: for a relay")]
    public async Task A_server_of_a_kind_that_is_not_supported_is_reported(string url, string advice)
    {
        await using MemoryPair pair = new(left: options => options with { Servers = [new IceServer(url, "user", "secret")] });
        TaskCompletionSource<IceServerAnsweredEventArgs> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Left.ServerAnswered += (_, args) => answered.TrySetResult(args);
        Assert.That(await AgentPair.GatherAsync(pair.Left), Has.Length.EqualTo(1));

        IceServerAnsweredEventArgs args = await answered.Task.WaitAsync(AgentPair.Limit);
        Assert.That(args.Succeeded, Is.False);
        Assert.That(args.Reason, Does.Contain(advice));
    }

    [Test]
    public async Task A_TURN_server_without_credentials_is_reported()
    {
        await using MemoryPair pair = new(left: options => options with { Servers = [new IceServer("turn:203.0.113.1")] });
        TaskCompletionSource<IceServerAnsweredEventArgs> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Left.ServerAnswered += (_, args) => answered.TrySetResult(args);
        Assert.That(await AgentPair.GatherAsync(pair.Left), Has.Length.EqualTo(1));
        Assert.That((await answered.Task.WaitAsync(AgentPair.Limit)).Reason, Does.Contain("username"));
    }

    [Test]
    public async Task A_real_server_on_loopback_answers()
    {
        await using TurnServer server = new(new TurnServerOptions { UdpEndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] });
        await server.StartAsync();
        await using IceAgent agent = new(AgentPair.Loopback(IceRole.Controlling) with { Servers = [new IceServer($"stun:127.0.0.1:{server.UdpEndPoints[0].Port}")] });
        TaskCompletionSource<IceServerAnsweredEventArgs> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        agent.ServerAnswered += (_, args) => answered.TrySetResult(args);
        IceCandidate[] candidates = await AgentPair.GatherAsync(agent);

        Assert.That((await answered.Task.WaitAsync(AgentPair.Limit)).Succeeded, Is.True);
        // RFC 8445 §5.1.3: without a NAT the reflexive candidate is the host candidate over again.
        Assert.That(candidates, Has.Length.EqualTo(1));
    }
}
