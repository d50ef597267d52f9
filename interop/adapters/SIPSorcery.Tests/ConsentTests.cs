using Ice.Testing;
using SIPSorcery.Net;

namespace Ice.SIPSorcery.Tests;

public sealed class ConsentTests
{
    [Test]
    [Rfc(7675, "5.1")]
    public async Task A_peer_that_falls_silent_is_told_of_as_disconnected_and_then_as_failed()
    {
        LeapingClock clock = new();
        await using IcePeerConnection ours = Connections.Ours(new IceRTCConfiguration
        {
            X_BindAddress = System.Net.IPAddress.Loopback,
            X_ConfigureAgent = options => options with { TimeProvider = clock },
        });
        await using IcePeerConnection peer = Connections.Ours();
        EchoChannel channel = await EchoChannel.CreateAsync(ours, peer);
        Signaling.Trickle(ours, peer);
        Signaling.Negotiate(ours, peer);
        await Signaling.ConnectedAsync(ours, peer);
        await channel.EchoAsync(1);

        // Without a word: closing the connection would send an alert of DTLS.
        await ((AgentIceChannel)peer.GetRtpChannel()).Agent.DisposeAsync();
        Task disconnected = ReachedAsync(ours, RTCIceConnectionState.disconnected);
        Task failed = ReachedAsync(ours, RTCIceConnectionState.failed);
        clock.Leap(TimeSpan.FromSeconds(6));
        clock.Leap(TimeSpan.FromSeconds(7));
        await disconnected.WaitAsync(Connections.Limit);
        Assert.That(ours.connectionState, Is.EqualTo(RTCPeerConnectionState.disconnected));
        clock.Leap(TimeSpan.FromSeconds(10));
        clock.Leap(TimeSpan.FromSeconds(10));
        await failed.WaitAsync(Connections.Limit);
        Assert.That(ours.connectionState, Is.EqualTo(RTCPeerConnectionState.failed));
        Assert.That(ours.SelectedPair, Is.Null);
    }

    private static Task ReachedAsync(RTCPeerConnection connection, RTCIceConnectionState wanted)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        // The connection's own state follows in the same event, after the handlers: the continuation runs after that.
        connection.onconnectionstatechange += _ =>
        {
            if (connection.iceConnectionState == wanted)
                reached.TrySetResult();
        };
        return reached.Task;
    }
}
