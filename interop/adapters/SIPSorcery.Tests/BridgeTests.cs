using SIPSorcery.Net;

namespace Ice.SIPSorcery.Tests;

public sealed class BridgeTests
{
    [TestCase(true)]
    [TestCase(false)]
    public async Task A_bridged_connection_opens_a_data_channel_to_one_of_ours(bool bridgedOffers)
    {
        await using BridgedPeerConnection bridged = new(Connections.Loopback());
        await using IcePeerConnection other = Connections.Ours();
        bridged.onicecandidate += candidate => other.addIceCandidate(new RTCIceCandidateInit { candidate = "candidate:" + candidate });
        other.onicecandidate += candidate => bridged.addIceCandidate(new RTCIceCandidateInit { candidate = "candidate:" + candidate });
        EchoChannel channel = bridgedOffers
            ? await EchoChannel.CreateAsync(bridged.Connection, other)
            : await EchoChannel.CreateAsync(other, bridged.Connection);
        if (bridgedOffers)
        {
            RTCSessionDescriptionInit offer = bridged.createOffer();
            await bridged.setLocalDescription(offer);
            Assert.That(other.setRemoteDescription(offer), Is.EqualTo(SetDescriptionResultEnum.OK));
            RTCSessionDescriptionInit answer = other.createAnswer();
            await other.setLocalDescription(answer);
            Assert.That(bridged.setRemoteDescription(answer), Is.EqualTo(SetDescriptionResultEnum.OK));
        }
        else
        {
            RTCSessionDescriptionInit offer = other.createOffer();
            await other.setLocalDescription(offer);
            Assert.That(bridged.setRemoteDescription(offer), Is.EqualTo(SetDescriptionResultEnum.OK));
            RTCSessionDescriptionInit answer = bridged.createAnswer();
            await bridged.setLocalDescription(answer);
            Assert.That(other.setRemoteDescription(answer), Is.EqualTo(SetDescriptionResultEnum.OK));
        }

        await Signaling.ConnectedAsync(bridged.Connection, other);
        await channel.EchoAsync(100);
        Assert.That(bridged.GetIceStats().PacketsReceived, Is.GreaterThan(0));
    }
}
