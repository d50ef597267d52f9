using SIPSorcery.Net;

namespace Ice.SIPSorcery.Tests;

/// <summary>Offers, answers and trickled candidates between two connections of one process, as text.</summary>
internal static class Signaling
{
    /// <summary>Sends each side's candidates to the other as they are found. Call it before <see cref="Negotiate"/>.</summary>
    /// <remarks>Through the interface: a method that the adapter had to replace is then the adapter's.</remarks>
    public static void Trickle(IRTCPeerConnection left, IRTCPeerConnection right)
    {
        left.onicecandidate += candidate => right.addIceCandidate(Init(candidate));
        right.onicecandidate += candidate => left.addIceCandidate(Init(candidate));
    }

    /// <summary>One offer and its answer.</summary>
    public static void Negotiate(IRTCPeerConnection offerer, IRTCPeerConnection answerer)
    {
        RTCSessionDescriptionInit offer = Copy(offerer.createOffer());
        offerer.setLocalDescription(offer);
        Assert.That(answerer.setRemoteDescription(Copy(offer)), Is.EqualTo(SetDescriptionResultEnum.OK));
        RTCSessionDescriptionInit answer = Copy(answerer.createAnswer());
        answerer.setLocalDescription(answer);
        Assert.That(offerer.setRemoteDescription(Copy(answer)), Is.EqualTo(SetDescriptionResultEnum.OK));
    }

    /// <summary>Waits until DTLS is done.</summary>
    public static async Task ConnectedAsync(params RTCPeerConnection[] connections)
    {
        foreach (RTCPeerConnection connection in connections)
        {
            TaskCompletionSource<RTCPeerConnectionState> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            void Look(RTCPeerConnectionState state)
            {
                if (state is RTCPeerConnectionState.connected or RTCPeerConnectionState.failed or RTCPeerConnectionState.closed)
                    ended.TrySetResult(state);
            }

            connection.onconnectionstatechange += Look;
            Look(connection.connectionState);
            Assert.That(await ended.Task.WaitAsync(Connections.Limit), Is.EqualTo(RTCPeerConnectionState.connected));
            connection.onconnectionstatechange -= Look;
        }
    }

    private static RTCIceCandidateInit Init(RTCIceCandidate candidate) => new()
    {
        candidate = "candidate:" + candidate.candidate,
        sdpMid = candidate.sdpMid,
        sdpMLineIndex = candidate.sdpMLineIndex,
        usernameFragment = candidate.usernameFragment,
    };

    private static RTCSessionDescriptionInit Copy(RTCSessionDescriptionInit description) => new() { type = description.type, sdp = description.sdp };
}
