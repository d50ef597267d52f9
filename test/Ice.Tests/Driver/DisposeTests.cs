namespace Ice.Tests;

public sealed class DisposeTests
{
    [Test]
    public async Task Disposing_leaves_no_socket_and_no_timer()
    {
        MemoryPair pair = await MemoryPair.ConnectedAsync();
        Assert.That(pair.Network.OpenSockets, Is.EqualTo(2));
        await pair.DisposeAsync();

        Assert.That(pair.Network.OpenSockets, Is.Zero);
        Assert.That(pair.Time.TimerCount, Is.Zero);
    }

    [Test]
    public async Task Everything_that_waits_ends()
    {
        MemoryPair pair = new();
        pair.Left.StartGathering();
        Task connecting = pair.Left.ConnectAsync();
        Task receiving = pair.Left.ReceiveAsync(new byte[10]).AsTask();
        await pair.DisposeAsync();

        Assert.ThrowsAsync<ObjectDisposedException>(() => connecting.WaitAsync(AgentPair.Limit));
        Assert.ThrowsAsync<ObjectDisposedException>(() => receiving.WaitAsync(AgentPair.Limit));
    }

    [Test]
    public async Task A_name_that_is_being_resolved_does_not_hold_it_up()
    {
        NeverResolver resolver = new();
        await using MemoryPair pair = new(left: options => options with { NameResolver = resolver, Servers = [new IceServer("stun:stun.example.org")] });
        pair.Left.StartGathering();
        pair.Left.SetRemoteParameters(pair.Right.LocalParameters);
        pair.Left.AddRemoteCandidate("candidate:1 1 udp 2130706431 peer.example.org 5000 typ host");
        Task<IceCandidate[]> gathering = AgentPair.GatherAsync(pair.Left);

        await pair.Left.DisposeAsync().AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(await gathering.WaitAsync(AgentPair.Limit), Has.Length.EqualTo(1));
        // The right agent's timer is the one that is left.
        Assert.That(pair.Time.TimerCount, Is.EqualTo(1));
    }

    [Test]
    public async Task Disposing_twice_and_at_once_is_allowed()
    {
        MemoryPair pair = await MemoryPair.ConnectedAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await pair.Left.DisposeAsync()))).WaitAsync(AgentPair.Limit);
        await pair.DisposeAsync();
        Assert.That(pair.Left.State, Is.EqualTo(IceConnectionState.Closed));
    }

    [Test]
    public async Task An_agent_that_never_gathered_can_be_disposed()
    {
        IceAgent agent = new(new IceAgentOptions());
        await agent.DisposeAsync().AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(agent.State, Is.EqualTo(IceConnectionState.Closed));
    }

    [Test]
    public async Task A_disposed_agent_refuses_every_call()
    {
        IceAgent agent = new(new IceAgentOptions());
        await agent.DisposeAsync();
        Assert.Multiple(() =>
        {
            Assert.Throws<ObjectDisposedException>(agent.StartGathering);
            Assert.Throws<ObjectDisposedException>(() => agent.SetRemoteParameters(new IceParameters("abcd", "abcdefghijklmnopqrstuv")));
            Assert.Throws<ObjectDisposedException>(() => agent.AddRemoteCandidate(null));
            Assert.Throws<ObjectDisposedException>(() => agent.SetRole(IceRole.Controlled));
            Assert.Throws<ObjectDisposedException>(() => agent.TrySend([1]));
            Assert.ThrowsAsync<ObjectDisposedException>(() => agent.ConnectAsync());
            Assert.ThrowsAsync<ObjectDisposedException>(() => agent.RestartAsync());
            Assert.ThrowsAsync<ObjectDisposedException>(async () => await agent.SendAsync(new byte[1]));
            Assert.ThrowsAsync<ObjectDisposedException>(async () => await agent.ReceiveAsync(new byte[1]));
            Assert.That(agent.GetStats().IceState, Is.EqualTo(IceConnectionState.Closed));
        });
    }

    [Test]
    public async Task Disposing_while_gathering_starts_leaves_nothing_open()
    {
        for (int i = 0; i < 200; i++)
        {
            MemoryPair pair = new();
            Task starting = Task.Run(() =>
            {
                try
                {
                    pair.Left.StartGathering();
                }
                catch (ObjectDisposedException)
                {
                    // Disposing was faster.
                }
            });
            await pair.Left.DisposeAsync();
            await starting.WaitAsync(AgentPair.Limit);
            await pair.DisposeAsync();
            Assert.That((pair.Network.OpenSockets, pair.Time.TimerCount), Is.EqualTo((0, 0)), $"run {i}");
        }
    }
}
