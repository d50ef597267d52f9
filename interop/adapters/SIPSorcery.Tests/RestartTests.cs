using System.Diagnostics;
using Ice.Testing;
using SIPSorcery.Net;

namespace Ice.SIPSorcery.Tests;

public sealed class RestartTests
{
    [Test]
    [Rfc(8445, "9")]
    public async Task Messages_flow_on_while_either_side_restarts()
    {
        await using IcePeerConnection left = Connections.Ours();
        await using IcePeerConnection right = Connections.Ours();
        (EchoChannel channel, _) = await ConnectAsync(left, right);
        using CancellationTokenSource stop = new();
        Task<(int Count, TimeSpan Gap)> flow = FlowAsync(channel, stop.Token);
        foreach ((IcePeerConnection offerer, IcePeerConnection answerer) in new[] { (left, right), (right, left), (left, right), (right, left) })
        {
            string[] before = [Ufrag(offerer), Ufrag(answerer)];
            Task reconnected = Task.WhenAll(ReconnectedAsync(offerer), ReconnectedAsync(answerer));
            offerer.restartIce();
            Assert.That(offerer.SelectedPair, Is.Not.Null, "the old pair carries on");
            Signaling.Negotiate(offerer, answerer);
            await reconnected.WaitAsync(Connections.Limit);
            Assert.That(new[] { Ufrag(offerer), Ufrag(answerer) }, Has.None.AnyOf(before));
        }

        await stop.CancelAsync();
        (int count, TimeSpan gap) = await flow;
        await TestContext.Out.WriteLineAsync($"{count} messages over 4 restarts, the longest wait for one {gap.TotalMilliseconds:0} ms");
        Assert.That(count, Is.GreaterThan(4));
        Assert.That(new[] { left.connectionState, right.connectionState }, Is.All.EqualTo(RTCPeerConnectionState.connected));
    }

    [Test]
    public async Task A_stock_connection_that_keeps_its_credentials_is_reached_again()
    {
        await using IcePeerConnection ours = Connections.Ours();
        using RTCPeerConnection stock = Connections.Stock();
        (EchoChannel channel, _) = await ConnectAsync(ours, stock);
        Task reconnected = ReconnectedAsync(ours);
        ours.restartIce();
        Signaling.Negotiate(ours, stock);
        await reconnected.WaitAsync(Connections.Limit);
        await channel.EchoAsync(20);
    }

    [Test]
    public async Task A_restart_asks_for_negotiation()
    {
        await using IcePeerConnection left = Connections.Ours();
        await using IcePeerConnection right = Connections.Ours();
        await ConnectAsync(left, right);
        TaskCompletionSource needed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        left.onnegotiationneeded += () => needed.TrySetResult();
        left.restartIce();
        await needed.Task.WaitAsync(Connections.Limit);
    }

    [Test]
    public async Task The_base_class_restart_is_refused_with_what_to_do_and_breaks_nothing()
    {
        await using IcePeerConnection left = Connections.Ours();
        await using IcePeerConnection right = Connections.Ours();
        (EchoChannel channel, _) = await ConnectAsync(left, right);
        RTCPeerConnection asBase = left;
        asBase.restartIce();
        await Assert.ThatAsync(() => asBase.setLocalDescription(asBase.createOffer()), Throws.InvalidOperationException.With.Message.Contains("IcePeerConnection"));
        Assert.That(left.iceConnectionState, Is.EqualTo(RTCIceConnectionState.connected));
        Assert.That(left.GetRtpChannel().Candidates, Is.Not.Empty);
        await channel.EchoAsync(5);
    }

    private static async Task<(EchoChannel Channel, RTCPeerConnection Answerer)> ConnectAsync(RTCPeerConnection offerer, RTCPeerConnection answerer)
    {
        EchoChannel channel = await EchoChannel.CreateAsync(offerer, answerer);
        Signaling.Trickle(offerer, answerer);
        Signaling.Negotiate(offerer, answerer);
        await Signaling.ConnectedAsync(offerer, answerer);
        await channel.EchoAsync(1);
        return (channel, answerer);
    }

    private static string Ufrag(IcePeerConnection connection) => connection.GetIceStats().IceLocalUsernameFragment;

    /// <summary>Ends when ICE was connected again after it had begun anew.</summary>
    private static Task ReconnectedAsync(IcePeerConnection connection)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool checking = false;
        connection.oniceconnectionstatechange += state =>
        {
            checking |= state == RTCIceConnectionState.checking;
            if (checking && state == RTCIceConnectionState.connected)
                done.TrySetResult();
        };
        return done.Task;
    }

    /// <summary>Sends a message, waits for it to come back, sends the next; each must come, and in order.</summary>
    private static async Task<(int Count, TimeSpan Gap)> FlowAsync(EchoChannel channel, CancellationToken stop)
    {
        int count = 0;
        TimeSpan gap = TimeSpan.Zero;
        while (!stop.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            channel.Send($"flow {count}");
            Assert.That(await channel.ReceiveAsync(), Is.EqualTo($"flow {count}"));
            TimeSpan waited = Stopwatch.GetElapsedTime(start);
            gap = waited > gap ? waited : gap;
            count++;
        }

        return (count, gap);
    }
}
