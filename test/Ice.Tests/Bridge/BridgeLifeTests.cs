using System.Net;

namespace Ice.Tests;

public sealed class BridgeLifeTests
{
    [Test]
    public async Task Disposing_closes_its_socket_and_gives_the_datagrams_back_to_ReceiveAsync()
    {
        await using MemoryPair agents = await MemoryPair.ConnectedAsync();
        IceUdpBridge bridge = IceUdpBridge.Start(agents.Right, new() { SocketFactory = agents.Network.Bind });
        Assert.That(agents.Network.OpenSockets, Is.EqualTo(3));
        Assert.That(async () => await agents.Right.ReceiveAsync(new byte[1]), Throws.InvalidOperationException.With.Message.Contains("IceUdpBridge"));
        Task<IPEndPoint> known = bridge.WaitForApplicationAsync();
        await bridge.DisposeAsync();
        await bridge.DisposeAsync();
        Assert.That(agents.Network.OpenSockets, Is.EqualTo(2));
        Assert.That(bridge.Completion.IsCompletedSuccessfully, Is.True);
        Assert.ThrowsAsync<ObjectDisposedException>(() => known.WaitAsync(AgentPair.Limit));

        byte[] buffer = new byte[10];
        Task<IceReceiveResult> receiving = agents.Right.ReceiveAsync(buffer).AsTask();
        agents.Left.TrySend("mine"u8);
        Assert.That((await receiving.WaitAsync(AgentPair.Limit)).Length, Is.EqualTo(4));
    }

    [Test]
    public async Task A_disposed_agent_ends_its_bridge()
    {
        MemoryPair agents = await MemoryPair.ConnectedAsync();
        IceUdpBridge bridge = IceUdpBridge.Start(agents.Right, new() { SocketFactory = agents.Network.Bind });
        await agents.DisposeAsync();
        await bridge.Completion.WaitAsync(AgentPair.Limit);
        Assert.That((agents.Network.OpenSockets, agents.Time.TimerCount), Is.EqualTo((0, 0)));
        Assert.Throws<ObjectDisposedException>(() => IceUdpBridge.Start(agents.Right, new() { SocketFactory = agents.Network.Bind }));
        Assert.That(agents.Network.OpenSockets, Is.Zero);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task The_token_ends_it(bool before)
    {
        await using MemoryPair agents = new();
        using CancellationTokenSource stop = new();
        if (before)
            await stop.CancelAsync();
        IceUdpBridge bridge = IceUdpBridge.Start(agents.Right, new() { SocketFactory = agents.Network.Bind }, stop.Token);
        await stop.CancelAsync();
        await bridge.Completion.WaitAsync(AgentPair.Limit);
        Assert.That(agents.Network.OpenSockets, Is.Zero);
    }

    [Test]
    public async Task Disposing_under_traffic_and_at_once_ends_everything()
    {
        for (int i = 0; i < 100; i++)
        {
            BridgedPair pair = await BridgedPair.ConnectedAsync();
            for (int datagram = 0; datagram < 10; datagram++)
            {
                pair.LeftApplication.Send("there", pair.LeftBridge);
                pair.RightApplication.Send("back", pair.RightBridge);
            }

            await Task.WhenAll(
                Task.Run(async () => await pair.LeftBridge.DisposeAsync()),
                Task.Run(async () => await pair.LeftBridge.DisposeAsync()),
                Task.Run(async () => await pair.Agents.Right.DisposeAsync())).WaitAsync(AgentPair.Limit);
            await pair.RightBridge.Completion.WaitAsync(AgentPair.Limit);
            await pair.DisposeAsync();
            Assert.That((pair.Network.OpenSockets, pair.Agents.Time.TimerCount), Is.EqualTo((0, 0)), $"run {i}");
        }
    }

    [Test]
    public async Task What_something_else_receives_cannot_be_bridged()
    {
        await using MemoryPair agents = await MemoryPair.ConnectedAsync(right: static options => options with { DatagramHandler = static (_, _, _) => { } });
        IceUdpBridgeOptions options = new() { SocketFactory = agents.Network.Bind };
        Assert.That(() => IceUdpBridge.Start(agents.Right, options), Throws.InvalidOperationException.With.Message.Contains("DatagramHandler"));

        Task<IceReceiveResult> receiving = agents.Left.ReceiveAsync(new byte[10]).AsTask();
        Assert.That(() => IceUdpBridge.Start(agents.Left, options), Throws.InvalidOperationException.With.Message.Contains("ReceiveAsync"));
        agents.Right.TrySend("over"u8);
        await receiving.WaitAsync(AgentPair.Limit);

        await using IceUdpBridge bridge = IceUdpBridge.Start(agents.Left, options);
        Assert.That(() => IceUdpBridge.Start(agents.Left, options), Throws.InvalidOperationException.With.Message.Contains("a bridge already"));
        Assert.That(() => IceUdpBridge.Start(agents.Left, agents.Right.Components[0], options), Throws.ArgumentException.With.Message.Contains("IceAgent.Components"));
        Assert.That(agents.Network.OpenSockets, Is.EqualTo(3), "those that were refused have closed theirs");
    }

    [TestCase("127.0.0.1:0", "[::1]:5000", 32, "both must be IPv4")]
    [TestCase("127.0.0.1:0", "127.0.0.1:0", 32, "127.0.0.1:5001")]
    [TestCase("127.0.0.1:0", "0.0.0.0:5000", 32, "127.0.0.1:5001")]
    [TestCase("127.0.0.1:0", "127.0.0.1:5000", 0, "1 to 1,024")]
    [TestCase("127.0.0.1:0", "127.0.0.1:5000", 1025, "1 to 1,024")]
    public async Task A_wrong_option_is_refused_with_what_to_write(string local, string application, int held, string hint)
    {
        await using IceAgent agent = new(new());
        IceUdpBridgeOptions options = new() { Local = IPEndPoint.Parse(local), Application = IPEndPoint.Parse(application), HeldDatagrams = held };
        Assert.That(() => IceUdpBridge.Start(agent, options), Throws.ArgumentException.With.Message.Contains(hint));
    }
}
