using System.Net;
using System.Net.Sockets;

namespace Ice.Tests;

public sealed class BridgeTests
{
    [Test]
    public async Task Programs_that_speak_UDP_talk_through_two_agents()
    {
        await using BridgedPair pair = await BridgedPair.ConnectedAsync();
        pair.LeftApplication.Send("question", pair.LeftBridge);
        await pair.RightApplication.ExpectAsync("question");
        pair.RightApplication.Send("answer", pair.RightBridge);
        await pair.LeftApplication.ExpectAsync("answer");
        await pair.Network.WaitUntilIdleAsync();

        Assert.Multiple(() =>
        {
            Assert.That(pair.LeftBridge.ApplicationEndPoint, Is.EqualTo(pair.LeftApplication.EndPoint), "learned");
            Assert.That(pair.RightBridge.ApplicationEndPoint, Is.EqualTo(pair.RightApplication.EndPoint), "named");
            Assert.That(pair.LeftBridge.GetStats(), Is.EqualTo(new IceUdpBridgeStats { SentToPeer = 1, BytesSentToPeer = 8, SentToApplication = 1, BytesSentToApplication = 6 }));
            Assert.That(pair.RightBridge.GetStats(), Is.EqualTo(new IceUdpBridgeStats { SentToPeer = 1, BytesSentToPeer = 6, SentToApplication = 1, BytesSentToApplication = 8 }));
        });
    }

    [Test]
    public async Task What_the_application_sends_before_there_is_a_pair_waits_and_arrives_first()
    {
        await using BridgedPair pair = new();
        pair.LeftApplication.Send("1", pair.LeftBridge);
        pair.LeftApplication.Send("2", pair.LeftBridge);
        await MemoryPair.EventuallyAsync(() => pair.LeftBridge.GetStats().WaitingForPair == 2);
        await pair.ConnectAsync();
        await pair.RightApplication.ExpectAsync("1 2");
        pair.LeftApplication.Send("3", pair.LeftBridge);
        await pair.RightApplication.ExpectAsync("3");
        Assert.That(pair.LeftBridge.GetStats(), Is.EqualTo(new IceUdpBridgeStats { SentToPeer = 3, BytesSentToPeer = 3 }));
    }

    [Test]
    public async Task What_the_peer_sends_before_the_application_is_known_waits_for_its_first_datagram()
    {
        await using BridgedPair pair = await BridgedPair.ConnectedAsync();
        pair.RightApplication.Send("1", pair.RightBridge);
        pair.RightApplication.Send("2", pair.RightBridge);
        await MemoryPair.EventuallyAsync(() => pair.LeftBridge.GetStats().WaitingForApplication == 2);
        Task<IPEndPoint> known = pair.LeftBridge.WaitForApplicationAsync();
        Assert.That(known.IsCompleted, Is.False);
        pair.LeftApplication.Send("here", pair.LeftBridge);
        await pair.LeftApplication.ExpectAsync("1 2");
        await pair.RightApplication.ExpectAsync("here");
        Assert.That(await known.WaitAsync(AgentPair.Limit), Is.EqualTo(pair.LeftApplication.EndPoint));
    }

    [Test]
    public async Task What_the_agent_had_received_before_its_bridge_started_is_handed_over()
    {
        await using MemoryPair agents = await MemoryPair.ConnectedAsync();
        agents.Left.TrySend("early"u8);
        await MemoryPair.EventuallyAsync(() => agents.Right.Components[0].Received.Count == 1);
        using MemoryApplication application = new(agents.Network);
        await using IceUdpBridge bridge = IceUdpBridge.Start(agents.Right, new() { SocketFactory = agents.Network.Bind, Application = application.EndPoint });
        await application.ExpectAsync("early");
    }

    [TestCase(IceReceiveDropPolicy.DropOldest, "3 4")]
    [TestCase(IceReceiveDropPolicy.DropNewest, "1 2")]
    public async Task When_too_many_wait_the_oldest_or_the_newest_are_given_up_and_counted(IceReceiveDropPolicy policy, string left)
    {
        IceUdpBridgeOptions Few(IceUdpBridgeOptions options) => options with { HeldDatagrams = 2, HeldDropPolicy = policy };
        await using BridgedPair pair = new(Few);
        foreach (string word in (string[])["1", "2", "3", "4"])
            pair.LeftApplication.Send(word, pair.LeftBridge);
        await MemoryPair.EventuallyAsync(() => pair.LeftBridge.GetStats() is { WaitingForPair: 2, GivenUpForPeer: 2 });
        await pair.ConnectAsync();
        await pair.RightApplication.ExpectAsync(left);
    }

    [TestCase(IceReceiveDropPolicy.DropOldest, "3 4")]
    [TestCase(IceReceiveDropPolicy.DropNewest, "1 2")]
    public async Task So_are_those_that_wait_for_the_application(IceReceiveDropPolicy policy, string left)
    {
        await using BridgedPair pair = await BridgedPair.ConnectedAsync(options => options with { HeldDatagrams = 2, HeldDropPolicy = policy });
        foreach (string word in (string[])["1", "2", "3", "4"])
            pair.RightApplication.Send(word, pair.RightBridge);
        await MemoryPair.EventuallyAsync(() => pair.LeftBridge.GetStats() is { WaitingForApplication: 2, GivenUpForApplication: 2 });
        pair.LeftApplication.Send("here", pair.LeftBridge);
        await pair.LeftApplication.ExpectAsync(left);
    }

    [Test]
    public async Task Only_the_application_is_listened_to_once_it_is_known()
    {
        await using BridgedPair pair = await BridgedPair.ConnectedAsync();
        using MemoryApplication stranger = new(pair.Network);
        pair.LeftApplication.Send("1", pair.LeftBridge);
        stranger.Send("not me", pair.LeftBridge);
        stranger.Send("nor me", pair.RightBridge);
        pair.LeftApplication.Send("2", pair.LeftBridge);
        await pair.RightApplication.ExpectAsync("1 2");
        await pair.Network.WaitUntilIdleAsync();
        Assert.That((pair.LeftBridge.GetStats().FromStrangers, pair.RightBridge.GetStats().FromStrangers), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public async Task An_application_may_send_from_another_port_than_it_receives_on_where_that_is_asked_for()
    {
        await using BridgedPair pair = await BridgedPair.ConnectedAsync(right: options => options with { AnySourcePort = true });
        using MemoryApplication sender = new(pair.Network);
        using MemoryApplication elsewhere = new(pair.Network, "127.0.0.2");
        pair.LeftApplication.Send("here", pair.LeftBridge);
        elsewhere.Send("not me", pair.RightBridge);
        sender.Send("media", pair.RightBridge);
        await pair.LeftApplication.ExpectAsync("media");
        await pair.RightApplication.ExpectAsync("here");
        await pair.Network.WaitUntilIdleAsync();
        Assert.That(pair.RightBridge.GetStats().FromStrangers, Is.EqualTo(1));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Another_host_is_taken_for_the_application_only_where_that_is_asked_for(bool asked)
    {
        await using BridgedPair pair = await BridgedPair.ConnectedAsync(options => options with
        {
            Local = new IPEndPoint(IPAddress.Parse("192.0.2.9"), 0),
            AcceptRemoteApplication = asked,
        });
        using MemoryApplication remote = new(pair.Network, "192.0.2.77");
        remote.Send("remote", pair.LeftBridge);
        await pair.Network.WaitUntilIdleAsync();
        pair.LeftApplication.Send("local", pair.LeftBridge);
        await pair.RightApplication.ExpectAsync(asked ? "remote" : "local");
        await pair.Network.WaitUntilIdleAsync();
        Assert.That(pair.LeftBridge.ApplicationEndPoint, Is.EqualTo(asked ? remote.EndPoint : pair.LeftApplication.EndPoint));
        Assert.That(pair.LeftBridge.GetStats().FromStrangers, Is.EqualTo(1));
    }

    [Test]
    public async Task A_restart_is_not_noticed_by_the_applications()
    {
        await using BridgedPair pair = await BridgedPair.ConnectedAsync();
        pair.LeftApplication.Send("before", pair.LeftBridge);
        await pair.RightApplication.ExpectAsync("before");
        await pair.Agents.Left.RestartAsync();
        await pair.Agents.Right.RestartAsync();
        pair.LeftApplication.Send("meanwhile", pair.LeftBridge);
        await pair.RightApplication.ExpectAsync("meanwhile");
        AgentPair.Signal(pair.Agents.Left, pair.Agents.Left.LocalCandidates, pair.Agents.Right);
        AgentPair.Signal(pair.Agents.Right, pair.Agents.Right.LocalCandidates, pair.Agents.Left);
        await pair.Agents.AdvanceUntilAsync(() => pair.Agents.Left.SelectedPair is { Nominated: true } && pair.Agents.Right.SelectedPair is { Nominated: true }, TimeSpan.FromSeconds(10));
        pair.LeftApplication.Send("after", pair.LeftBridge);
        await pair.RightApplication.ExpectAsync("after");
        pair.RightApplication.Send("back", pair.RightBridge);
        await pair.LeftApplication.ExpectAsync("back");
        Assert.That(pair.LeftBridge.GetStats(), Is.EqualTo(new IceUdpBridgeStats { SentToPeer = 3, BytesSentToPeer = 20, SentToApplication = 1, BytesSentToApplication = 4 }));
    }

    [Test]
    public async Task A_datagram_too_large_for_the_path_costs_only_itself()
    {
        await using BridgedPair pair = await BridgedPair.ConnectedAsync();
        MemorySocket socket = pair.Network.Find(pair.Agents.Left.LocalCandidates[0].EndPoint);
        socket.SendError = SocketError.MessageSize;
        pair.LeftApplication.Send("large", pair.LeftBridge);
        await MemoryPair.EventuallyAsync(() => pair.LeftBridge.GetStats().RefusedForPeer == 1);
        socket.SendError = SocketError.Success;
        pair.LeftApplication.Send("small", pair.LeftBridge);
        await pair.RightApplication.ExpectAsync("small");
    }

    [Test]
    public async Task An_application_that_cannot_be_reached_costs_only_its_datagrams()
    {
        await using BridgedPair pair = await BridgedPair.ConnectedAsync();
        pair.LeftApplication.Send("here", pair.LeftBridge);
        await pair.RightApplication.ExpectAsync("here");
        MemorySocket socket = pair.Network.Find(pair.LeftBridge.LocalEndPoint);
        socket.SendError = SocketError.ConnectionRefused;
        pair.RightApplication.Send("lost", pair.RightBridge);
        await MemoryPair.EventuallyAsync(() => pair.LeftBridge.GetStats().RefusedForApplication == 1);
        socket.SendError = SocketError.Success;
        pair.RightApplication.Send("found", pair.RightBridge);
        await pair.LeftApplication.ExpectAsync("found");
    }

    [Test]
    public async Task Errors_about_the_applications_port_never_end_the_bridge_and_others_do_when_they_go_on()
    {
        await using BridgedPair pair = await BridgedPair.ConnectedAsync();
        MemorySocket socket = pair.Network.Find(pair.LeftBridge.LocalEndPoint);
        for (int i = 0; i < 1000; i++)
            socket.Fail(SocketError.ConnectionRefused);
        pair.LeftApplication.Send("alive", pair.LeftBridge);
        await pair.RightApplication.ExpectAsync("alive");
        Assert.That(pair.LeftBridge.GetStats().ReceiveErrors, Is.EqualTo(1000));
        for (int i = 0; i < 100; i++)
            socket.Fail(SocketError.NotSocket);
        Assert.ThrowsAsync<SocketException>(() => pair.LeftBridge.Completion.WaitAsync(AgentPair.Limit));
    }

    [Test]
    public async Task Each_component_has_its_own_bridge()
    {
        await using MemoryPair agents = new(static options => options with { Streams = [2] }, static options => options with { Streams = [2] });
        agents.Exchange();
        await agents.AdvanceUntilAsync(() => agents.Left.State == IceConnectionState.Connected && agents.Right.State == IceConnectionState.Connected, TimeSpan.FromSeconds(5));
        using MemoryApplication media = new(agents.Network);
        using MemoryApplication control = new(agents.Network);
        IceUdpBridgeOptions options = new() { SocketFactory = agents.Network.Bind };
        await using IceUdpBridge first = IceUdpBridge.Start(agents.Right, agents.Right.Components[0], options with { Application = media.EndPoint });
        await using IceUdpBridge second = IceUdpBridge.Start(agents.Right, agents.Right.Components[1], options with { Application = control.EndPoint });
        agents.Left.Components[1].TrySend("control"u8);
        agents.Left.Components[0].TrySend("media"u8);
        await media.ExpectAsync("media");
        await control.ExpectAsync("control");
    }
}
