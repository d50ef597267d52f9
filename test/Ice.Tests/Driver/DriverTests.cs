using System.Net;
using System.Net.Sockets;
using Ice.Testing;

namespace Ice.Tests;

/// <summary>The driver over a network in memory and a manual clock.</summary>
public sealed class DriverTests
{
    [Test]
    public async Task Two_agents_connect_without_the_clock_moving()
    {
        await using MemoryPair pair = await MemoryPair.ConnectedAsync();
        Assert.That(pair.Time.GetTimestamp(), Is.Zero);
    }

    [Test]
    public async Task Each_agent_has_one_timer_and_data_does_not_touch_it()
    {
        await using MemoryPair pair = await MemoryPair.ConnectedAsync();
        int changes = pair.Time.TimerChanges;

        byte[] buffer = new byte[10];
        for (int i = 0; i < 100; i++)
        {
            await pair.Left.SendAsync(new byte[] { 1 });
            await pair.Right.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit);
        }

        Assert.That(pair.Time.TimerCount, Is.EqualTo(2));
        Assert.That(pair.Time.TimerChanges, Is.EqualTo(changes));
    }

    [Test]
    public async Task A_check_that_finds_no_room_is_counted_and_sent_again_when_its_timer_says_so()
    {
        await using MemoryPair pair = new();
        pair.Left.StartGathering();
        pair.Right.StartGathering();
        MemorySocket left = pair.Network.Find(pair.Left.LocalCandidates[0].EndPoint);
        MemorySocket right = pair.Network.Find(pair.Right.LocalCandidates[0].EndPoint);
        left.SendError = right.SendError = SocketError.WouldBlock;
        pair.Exchange();
        Assert.That(pair.Left.GetStats().StunPacketsDiscardedOnSend, Is.Positive);

        left.SendError = right.SendError = SocketError.Success;
        await pair.AdvanceUntilAsync(() => pair.Left.State == IceConnectionState.Connected && pair.Right.State == IceConnectionState.Connected, TimeSpan.FromSeconds(5));
    }

    [Test]
    [Rfc(7675, "5.1")]
    public async Task Without_answers_consent_expires_and_sending_is_refused_with_the_reason()
    {
        await using MemoryPair pair = await MemoryPair.ConnectedAsync();
        List<IceConnectionState> states = Record(pair.Left);
        pair.Network.Passes = static (_, _) => false;
        await pair.AdvanceUntilAsync(() => pair.Left.State == IceConnectionState.Failed, TimeSpan.FromSeconds(40));

        Assert.That(pair.Left.TrySend([1]), Is.False);
        IceException refusal = Assert.ThrowsAsync<IceException>(async () => await pair.Left.SendAsync(new byte[1]));
        Assert.That(refusal.Reason, Is.EqualTo(IceFailureReason.ConsentExpired));
        IceException failure = Assert.ThrowsAsync<IceException>(() => pair.Left.ConnectAsync());
        Assert.That(failure.Error, Is.EqualTo(IceError.ConnectionFailed));
        await pair.Left.DisposeAsync();
        Assert.That(states, Is.EqualTo(new[] { IceConnectionState.Disconnected, IceConnectionState.Failed, IceConnectionState.Closed }));
    }

    [Test]
    [Rfc(8445, "11")]
    public async Task Data_that_is_sent_takes_the_place_of_keepalives()
    {
        static IceAgentOptions WithoutConsent(IceAgentOptions options) => options with { Consent = false };
        await using MemoryPair pair = await MemoryPair.ConnectedAsync(WithoutConsent, WithoutConsent);
        long before = pair.Left.GetStats().StunPacketsSent;
        for (int i = 0; i < 60; i++)
        {
            Assert.That(pair.Left.TrySend([1]), Is.True);
            pair.Time.Advance(TimeSpan.FromSeconds(1));
        }

        long withData = pair.Left.GetStats().StunPacketsSent - before;
        pair.Time.Advance(TimeSpan.FromSeconds(60));
        long withoutData = pair.Left.GetStats().StunPacketsSent - before - withData;
        Assert.That(withData, Is.Zero);
        Assert.That(withoutData, Is.InRange(3, 5));
    }

    [Test]
    [Rfc(8445, "12.2")]
    public async Task Data_from_an_address_that_no_check_came_from_is_dropped_and_counted()
    {
        await using MemoryPair pair = await MemoryPair.ConnectedAsync();
        IPEndPoint right = (IPEndPoint)pair.Right.LocalCandidates[0].EndPoint;
        pair.Network.Deliver(new IPEndPoint(IPAddress.Parse("203.0.113.66"), 666), right, [6, 6, 6]);
        Assert.That(pair.Left.TrySend([1]), Is.True);

        byte[] buffer = new byte[10];
        IceReceiveResult received = await pair.Right.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit);
        IceStats stats = pair.Right.GetStats();
        Assert.Multiple(() =>
        {
            Assert.That(buffer[..received.Length], Is.EqualTo(new byte[] { 1 }));
            Assert.That(stats.UnacceptedDatagrams, Is.EqualTo(1));
            Assert.That(stats.PacketsReceived, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Data_that_begins_like_STUN_but_has_no_magic_cookie_is_data()
    {
        await using MemoryPair pair = await MemoryPair.ConnectedAsync();
        byte[] data = new byte[32];
        data[1] = 1;
        Assert.That(pair.Left.TrySend(data), Is.True);

        byte[] buffer = new byte[100];
        IceReceiveResult received = await pair.Right.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(buffer[..received.Length], Is.EqualTo(data));
    }

    [Test]
    public async Task An_oversized_datagram_is_dropped_and_counted()
    {
        await using MemoryPair pair = await MemoryPair.ConnectedAsync();
        Assert.That(pair.Left.TrySend(new byte[2049]), Is.True);
        Assert.That(pair.Left.TrySend(new byte[2048]), Is.True);

        IceReceiveResult received = await pair.Right.ReceiveAsync(new byte[4096]).AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(received.Length, Is.EqualTo(2048));
        Assert.That(pair.Right.GetStats().OversizedDatagrams, Is.EqualTo(1));
    }

    [Test]
    public async Task Receive_errors_that_anybody_can_cause_end_nothing()
    {
        await using MemoryPair pair = await MemoryPair.ConnectedAsync();
        MemorySocket right = pair.Network.Find(pair.Right.LocalCandidates[0].EndPoint);
        for (int i = 0; i < 300; i++)
            right.Fail(SocketError.ConnectionReset);
        for (int i = 0; i < 300; i++)
            right.Fail(SocketError.MessageSize);
        Assert.That(pair.Left.TrySend([1]), Is.True);

        await pair.Right.ReceiveAsync(new byte[10]).AsTask().WaitAsync(AgentPair.Limit);
        Assert.That((pair.Right.GetStats().ReceiveErrors, pair.Right.GetStats().OversizedDatagrams), Is.EqualTo((300L, 300L)));
        Assert.That(pair.Right.State, Is.EqualTo(IceConnectionState.Connected));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_socket_that_only_fails_is_given_up_and_the_agent_says_why(bool pushes)
    {
        PushingSocket? pushing = null;
        await using MemoryPair pair = await MemoryPair.ConnectedAsync(
            right: options => pushes ? options with { SocketFactory = any => pushing = new PushingSocket(options.SocketFactory!(any)) } : options);
        TaskCompletionSource<IceStateChangedEventArgs> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Right.StateChanged += (_, args) =>
        {
            if (args.State == IceConnectionState.Failed)
                failed.TrySetResult(args);
        };
        MemorySocket right = pair.Network.Find(pair.Right.LocalCandidates[0].EndPoint);
        for (int i = 0; i < 200; i++)
            right.Fail(SocketError.NetworkDown);

        IceStateChangedEventArgs args = await failed.Task.WaitAsync(AgentPair.Limit);
        Assert.That(args.Reason, Is.EqualTo(IceFailureReason.InterfaceLost));
        if (pushing is not null)
            await pushing.Completion.WaitAsync(AgentPair.Limit);
    }

    [Test]
    public async Task A_socket_that_cannot_push_after_all_is_asked()
    {
        await using MemoryPair pair = await MemoryPair.ConnectedAsync(
            right: options => options with { SocketFactory = any => new PushingSocket(options.SocketFactory!(any)) { StartError = SocketError.TooManyOpenSockets } });
        Assert.That(pair.Left.TrySend([1]), Is.True);
        await pair.Right.ReceiveAsync(new byte[10]).AsTask().WaitAsync(AgentPair.Limit);
    }

    [Test]
    public async Task A_flood_that_is_there_when_gathering_starts_does_not_hold_up_the_caller()
    {
        FloodedSocket flooded = new();
        await using IceAgent agent = new(new IceAgentOptions { BindAddresses = [IPAddress.Parse("192.0.2.1")], SocketFactory = _ => flooded });
        Task starting = Task.Run(agent.StartGathering);
        await starting.WaitAsync(AgentPair.Limit);

        await MemoryPair.EventuallyAsync(() => agent.GetStats().UnacceptedDatagrams > 1000);
    }

    [Test]
    public async Task Noise_from_the_network_is_survived()
    {
        await using MemoryPair pair = await MemoryPair.ConnectedAsync();
        int seed = Environment.TickCount;
        await TestContext.Out.WriteLineAsync($"seed {seed}");
        Random random = new(seed);
        IPEndPoint left = (IPEndPoint)pair.Left.LocalCandidates[0].EndPoint;
        IPEndPoint right = (IPEndPoint)pair.Right.LocalCandidates[0].EndPoint;
        for (int i = 0; i < 2000; i++)
        {
            byte[] noise = new byte[random.Next(0, 200)];
            random.NextBytes(noise);
            if (noise.Length >= 8 && i % 2 == 0)
                new byte[] { 0, 1, 0, (byte)(noise.Length - 20), 0x21, 0x12, 0xA4, 0x42 }.CopyTo(noise, 0);
            pair.Network.Deliver(new IPEndPoint(IPAddress.Parse("203.0.113.66"), 1 + random.Next(60_000)), i % 3 == 0 ? left : right, noise);
        }

        Assert.That(pair.Left.TrySend([1]), Is.True);
        await pair.Right.ReceiveAsync(new byte[10]).AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(pair.Right.State, Is.EqualTo(IceConnectionState.Connected));
    }

    private static List<IceConnectionState> Record(IceAgent agent)
    {
        List<IceConnectionState> states = [];
        agent.StateChanged += (_, args) =>
        {
            if (args.State is not (IceConnectionState.Connected or IceConnectionState.Checking))
                states.Add(args.State);
        };
        return states;
    }
}
