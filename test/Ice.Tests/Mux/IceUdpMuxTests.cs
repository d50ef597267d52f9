using System.Net;
using System.Net.Sockets;
using Ice.Testing;

namespace Ice.Tests;

public sealed class IceUdpMuxTests
{
    [Test]
    public async Task Five_hundred_agents_behind_one_port_reach_five_hundred_with_sockets()
    {
        await using MuxedPairs pairs = await MuxedPairs.ConnectedAsync(500);
        IPEndPoint local = pairs.Mux.LocalEndPoints.Single();
        Assert.That(pairs.Pairs.Select(static pair => pair.Left.LocalCandidates.Single().Address.ToIPEndPoint()), Is.All.EqualTo(local));
        await pairs.TalkAsync();
        IceUdpMuxStats stats = pairs.Mux.GetStats();
        Assert.Multiple(() =>
        {
            Assert.That(stats.Agents, Is.EqualTo(500));
            Assert.That(stats.UsernameFragments, Is.EqualTo(500));
            Assert.That(stats.RemoteAddresses, Is.EqualTo(500));
            Assert.That(stats.RoutedByUsername, Is.GreaterThanOrEqualTo(500));
            Assert.That(stats.RoutedByTransaction, Is.GreaterThanOrEqualTo(500));
            Assert.That(stats.RoutedByAddress, Is.EqualTo(500));
            Assert.That(stats.RoutedBySharedAddress + Refused(stats), Is.Zero);
        });
    }

    [Test]
    [Rfc(8445, "9")]
    public async Task Agents_restart_behind_the_mux_while_the_others_go_on()
    {
        await using MuxedPairs pairs = await MuxedPairs.ConnectedAsync(20);
        AgentPair restarting = pairs.Pairs[7];
        string before = restarting.Left.LocalParameters.UsernameFragment;
        await restarting.Left.RestartAsync();
        Assert.That(restarting.Left.LocalParameters.UsernameFragment, Is.Not.EqualTo(before));
        Assert.That(pairs.Mux.GetStats().UsernameFragments, Is.EqualTo(21), "the old one and the new one");
        // The old session goes on until the new one has a pair.
        await pairs.TalkAsync();
        await restarting.Right.RestartAsync();
        await restarting.ExchangeAsync();
        await restarting.ConnectAsync();
        await pairs.TalkAsync();
        Assert.That(pairs.Mux.GetStats().RoutedBySharedAddress, Is.Zero);
    }

    [Test]
    public async Task The_name_of_a_session_is_forgotten_when_its_successor_has_had_its_three_seconds()
    {
        await using MemoryMux memory = new();
        await memory.ConnectAsync();
        await memory.Pair.Left.RestartAsync();
        await memory.Pair.Right.RestartAsync();
        Assert.That(memory.Mux.GetStats().UsernameFragments, Is.EqualTo(2));
        memory.Pair.Exchange();
        Task connected = memory.Pair.ConnectAsync();
        await memory.Pair.AdvanceUntilAsync(() => memory.Pair.Left.State == IceConnectionState.Connected, TimeSpan.FromSeconds(1));
        await connected;
        Assert.That(memory.Mux.GetStats().UsernameFragments, Is.EqualTo(2));
        await memory.Pair.AdvanceUntilAsync(() => memory.Mux.GetStats().UsernameFragments == 1, TimeSpan.FromSeconds(5));
        Assert.That(memory.Pair.Left.TrySend([1]), Is.True);
    }

    [Test]
    public async Task An_agent_that_closes_leaves_the_others_and_nothing_of_its_own()
    {
        await using MuxedPairs pairs = await MuxedPairs.ConnectedAsync(10);
        await pairs.Pairs[3].Left.DisposeAsync();
        IceUdpMuxStats stats = pairs.Mux.GetStats();
        Assert.That((stats.Agents, stats.UsernameFragments, stats.RemoteAddresses), Is.EqualTo((9, 9, 9)));
        await pairs.Pairs[3].Right.SendAsync(new byte[10]);
        foreach (AgentPair pair in pairs.Pairs.Where((_, i) => i != 3))
            await MuxedPairs.TalkAsync(pair, 5);
        await MemoryPair.EventuallyAsync(() => pairs.Mux.GetStats().UnknownSource == 1);
    }

    [Test]
    public async Task Agents_that_outlive_the_mux_fail_and_say_why()
    {
        await using MuxedPairs pairs = await MuxedPairs.ConnectedAsync(3);
        await using IceAgent waiting = new(MuxedPairs.Behind(AgentPair.Loopback(IceRole.Controlling), pairs.Mux));
        Task connecting = waiting.ConnectAsync();
        Task<IceStateChangedEventArgs> failed = NextState(pairs.Pairs[0].Left);
        await pairs.Mux.DisposeAsync();
        await pairs.Mux.DisposeAsync();

        IceStateChangedEventArgs change = await failed.WaitAsync(AgentPair.Limit);
        Assert.That((change.State, change.Reason), Is.EqualTo((IceConnectionState.Failed, IceFailureReason.SocketsClosed)));
        Assert.That(change.Explanation, Does.StartWith("The IceUdpMux"));
        await Assert.ThatAsync(async () => await pairs.Pairs[1].Left.SendAsync(new byte[1]), Throws.InstanceOf<IceException>().With.Message.Contains("The IceUdpMux"));
        await Assert.ThatAsync(async () => await connecting.WaitAsync(AgentPair.Limit), Throws.InstanceOf<IceException>().With.Message.Contains("The IceUdpMux"));
        Assert.That(pairs.Pairs[2].Left.TrySend([1]), Is.False);
        Assert.That(() => new IceAgent(new IceAgentOptions { Mux = pairs.Mux }), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(pairs.Pairs[2].Right.State, Is.EqualTo(IceConnectionState.Connected), "the peer has sockets of its own");
    }

    [Test]
    public async Task Two_muxes_tell_two_hundred_pairs_between_the_same_two_ports_apart_but_not_their_data()
    {
        await using MuxedPairs pairs = await MuxedPairs.ConnectedAsync(200, muxToMux: true);
        Assert.That(pairs.Pairs.Select(static pair => pair.Left.State), Is.All.EqualTo(IceConnectionState.Connected));
        foreach (IceUdpMux mux in new[] { pairs.Mux, pairs.Other! })
        {
            IceUdpMuxStats stats = mux.GetStats();
            Assert.That((stats.RemoteAddresses, stats.UsernameFragments, stats.UnknownUsername, stats.UnknownTransaction), Is.EqualTo((1, 200, 0L, 0L)));
        }

        foreach (AgentPair pair in pairs.Pairs)
            await pair.Left.SendAsync(new byte[10]);
        // All of them come to one agent, and that is counted.
        await MemoryPair.EventuallyAsync(() => pairs.Other!.GetStats().RoutedBySharedAddress == 200);
        Assert.That(pairs.Pairs.Select(static pair => pair.Right.GetStats().PacketsReceived), Has.Exactly(199).EqualTo(0).And.Exactly(1).EqualTo(200));

        // When all but one have closed, the data is that one's.
        foreach (AgentPair pair in pairs.Pairs[1..])
            await pair.DisposeAsync();
        AgentPair last = pairs.Pairs[0];
        long received = last.Right.GetStats().PacketsReceived;
        await last.Left.SendAsync(new byte[10]);
        await MemoryPair.EventuallyAsync(() => last.Right.GetStats().PacketsReceived == received + 1);
        Assert.That(pairs.Other!.GetStats().RoutedBySharedAddress, Is.EqualTo(200));
    }

    [Test]
    public async Task Given_username_fragments_are_one_agents_each()
    {
        await using IceUdpMux mux = IceUdpMux.Bind(MuxedPairs.Loopback);
        IceAgentOptions options = new() { Mux = mux, LocalParameters = new IceParameters("mine", "abcdefghijklmnopqrstuvwx") };
        IceAgent first = new(options);
        await using IceAgent drawn = new(new IceAgentOptions { Mux = mux });
        Assert.That(() => new IceAgent(options), Throws.ArgumentException.With.Message.Contains("username fragment mine"));
        Assert.That(mux.AgentCount, Is.EqualTo(2));
        drawn.StartGathering();
        string before = drawn.LocalParameters.UsernameFragment;
        Assert.That(() => drawn.RestartAsync(new IceParameters("mine", "abcdefghijklmnopqrstuvwx")), Throws.ArgumentException.With.Message.Contains("username fragment mine"));
        Assert.That(() => drawn.RestartAsync(drawn.LocalParameters), Throws.ArgumentException);
        Assert.That(() => drawn.RestartAsync(new IceParameters("other", drawn.LocalParameters.Password)), Throws.ArgumentException);
        Assert.That(drawn.LocalParameters.UsernameFragment, Is.EqualTo(before));
        Assert.That(mux.GetStats().UsernameFragments, Is.EqualTo(2));
        await first.DisposeAsync();
        await using IceAgent again = new(options);
        Assert.That(again.LocalParameters.UsernameFragment, Is.EqualTo("mine"));
    }

    [Test]
    public async Task A_lite_agent_serves_behind_the_mux()
    {
        await using MuxedPairs pairs = await MuxedPairs.ConnectedAsync(5, left: static options => options with { Mode = IceMode.Lite, Role = IceRole.Controlled });
        await pairs.TalkAsync();
    }

    [Test]
    public async Task Both_families_are_gathered_unless_an_agent_wants_one()
    {
        await using IceUdpMux mux = IceUdpMux.Bind(new IceUdpMuxOptions { Addresses = [IPAddress.Loopback, IPAddress.IPv6Loopback] });
        Assert.That(mux.LocalEndPoints, Has.Count.EqualTo(2));
        await using IceAgent both = new(new IceAgentOptions { Mux = mux });
        await using IceAgent one = new(new IceAgentOptions { Mux = mux, IPv6 = false });
        await using IceAgent none = new(new IceAgentOptions { Mux = mux, AddressFilter = static _ => false });
        both.StartGathering();
        one.StartGathering();
        none.StartGathering();
        Assert.That(both.LocalCandidates.Select(static candidate => candidate.Address.ToIPEndPoint()), Is.EquivalentTo(mux.LocalEndPoints));
        Assert.That(one.LocalCandidates.Select(static candidate => candidate.Address.ToIPEndPoint()), Is.EqualTo(new[] { mux.LocalEndPoints[0] }));
        Assert.That(none.LocalCandidates, Is.Empty);
    }

    [Test]
    public async Task Shards_share_a_port_and_serve_all_agents()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.That(() => IceUdpMux.Bind(MuxedPairs.Loopback with { Shards = 2 }), Throws.InstanceOf<PlatformNotSupportedException>().With.Message.Contains("1 for Shards"));
            return;
        }

        await using MuxedPairs pairs = await MuxedPairs.ConnectedAsync(100, options: MuxedPairs.Loopback with { Shards = 4 });
        await pairs.TalkAsync();
        Assert.That(pairs.Mux.LocalEndPoints, Has.Count.EqualTo(1));
        Assert.That(pairs.Mux.GetStats().RoutedByAddress, Is.EqualTo(100));
        Assert.That(() => IceUdpMux.Bind(MuxedPairs.Loopback with { Port = pairs.Mux.LocalEndPoints[0].Port, Shards = 2 }),
            Throws.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.AddressAlreadyInUse), "another mux does not join in");
    }

    private static long Refused(IceUdpMuxStats stats) => stats.Malformed + stats.WithoutUsername + stats.UnknownUsername + stats.UnknownTransaction
        + stats.UnknownSource + stats.TooLarge + stats.NotReceiving + stats.ReceiveErrors;

    private static Task<IceStateChangedEventArgs> NextState(IceAgent agent)
    {
        TaskCompletionSource<IceStateChangedEventArgs> next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        agent.StateChanged += (_, args) => next.TrySetResult(args);
        return next.Task;
    }
}
