using System.Diagnostics;
using Ice.Testing;
using SIPSorcery.Net;

namespace Ice.SIPSorcery.Tests;

public sealed class RestartTests
{
    private const int Restarts = 20;

    [Test]
    [Rfc(8445, "9")]
    public async Task Messages_flow_on_while_either_side_restarts_twenty_times()
    {
        await using IcePeerConnection left = Connections.Ours();
        await using IcePeerConnection right = Connections.Ours();
        (EchoChannel channel, _) = await ConnectAsync(left, right);
        HashSet<string> seen = [Ufrag(left), Ufrag(right)];
        using CancellationTokenSource stop = new();
        Task<(int Count, TimeSpan Gap)> flow = FlowAsync(channel, stop.Token);
        for (int i = 0; i < Restarts; i++)
        {
            (IcePeerConnection offerer, IcePeerConnection answerer) = i % 2 == 0 ? (left, right) : (right, left);
            Task reconnected = Task.WhenAll(ReconnectedAsync(offerer), ReconnectedAsync(answerer));
            offerer.restartIce();
            Assert.That(offerer.SelectedPair, Is.Not.Null, "the old pair carries on");
            Signaling.Negotiate(offerer, answerer);
            await reconnected.WaitAsync(Connections.Limit);
            Assert.That(seen.Add(Ufrag(left)) && seen.Add(Ufrag(right)), "both sides have new credentials");
        }

        await stop.CancelAsync();
        (int count, TimeSpan gap) = await flow;
        await TestContext.Out.WriteLineAsync($"{count} messages over {Restarts} restarts, each back in order; the longest pause between two {gap.TotalMilliseconds:0} ms");
        Assert.That(count, Is.GreaterThan(Restarts));
        Assert.That(new[] { left.connectionState, right.connectionState }, Is.All.EqualTo(RTCPeerConnectionState.connected));
        Assert.That(left.GetIceStats().CandidatePairs.Concat(right.GetIceStats().CandidatePairs).Sum(static pair => pair.PacketsDiscardedOnSend), Is.Zero);
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

    /// <summary>Keeps messages on their way all the time; each must come back, and in order.</summary>
    private static async Task<(int Count, TimeSpan Gap)> FlowAsync(EchoChannel channel, CancellationToken stop)
    {
        const int onTheirWay = 32;
        int sent = 0;
        int received = 0;
        TimeSpan gap = TimeSpan.Zero;
        long last = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested || received < sent)
        {
            while (!stop.IsCancellationRequested && sent - received < onTheirWay)
                channel.Send($"flow {sent++}");
            if (received == sent)
                continue;
            Assert.That(await channel.ReceiveAsync(), Is.EqualTo($"flow {received++}"));
            TimeSpan pause = Stopwatch.GetElapsedTime(last);
            last = Stopwatch.GetTimestamp();
            gap = pause > gap ? pause : gap;
        }

        return (received, gap);
    }
}
