using SIPSorcery.Net;

namespace Ice.SIPSorcery.Tests;

public sealed class SignalingTests
{
    [Test]
    public async Task It_works_through_a_variable_of_the_base_class()
    {
        await using IcePeerConnection first = Connections.Ours();
        await using IcePeerConnection second = Connections.Ours();
        RTCPeerConnection offerer = first;
        RTCPeerConnection answerer = second;
        EchoChannel channel = await EchoChannel.CreateAsync(offerer, answerer);
        RTCSessionDescriptionInit offer = offerer.createOffer(new RTCOfferOptions { X_ExcludeIceCandidates = true });
        await offerer.setLocalDescription(offer);
        answerer.setRemoteDescription(offer);
        RTCSessionDescriptionInit answer = answerer.createAnswer(new RTCAnswerOptions { X_ExcludeIceCandidates = true });
        await answerer.setLocalDescription(answer);
        offerer.setRemoteDescription(answer);
        // Only now, and only through the methods that cannot be overridden.
        offerer.onicecandidate += candidate => answerer.addIceCandidate(new RTCIceCandidateInit { candidate = "candidate:" + candidate });
        answerer.onicecandidate += candidate => offerer.addIceCandidate(new RTCIceCandidateInit { candidate = "candidate:" + candidate });
        await Signaling.ConnectedAsync(offerer, answerer);
        await channel.EchoAsync(10);
    }

    [Test]
    public async Task The_description_has_the_credentials_and_candidates_of_the_agent()
    {
        await using IcePeerConnection connection = Connections.Ours();
        await connection.createDataChannel("any");
        string sdp = connection.createOffer(new RTCOfferOptions { X_WaitForIceGatheringToComplete = true }).sdp;
        IceSdp description = IceSdp.Parse(sdp);
        IceParameters parameters = description.GetParameters(description.Media[0], out _)!;
        Assert.That(parameters.UsernameFragment, Is.EqualTo(connection.GetIceStats().IceLocalUsernameFragment));
        Assert.That(parameters.Password, Has.Length.GreaterThanOrEqualTo(22));
        Assert.That(description.Media[0].Candidates, Has.Count.EqualTo(1));
        Assert.That(description.Media[0].Candidates[0].Address.ToString(), Does.StartWith("127.0.0.1"));
        Assert.That(description.HasEndOfCandidates(description.Media[0]));
    }

    [Test]
    public async Task Each_candidate_is_told_once()
    {
        await using IcePeerConnection connection = Connections.Ours();
        List<string> told = [];
        connection.onicecandidate += candidate => told.Add(candidate.ToString());
        await connection.createDataChannel("any");
        connection.createOffer(new RTCOfferOptions { X_WaitForIceGatheringToComplete = true });
        Assert.That(told, Is.Unique.And.Count.EqualTo(1));
    }

    [Test]
    public async Task A_candidate_that_cannot_be_used_is_told_of_and_throws_nothing()
    {
        await using IcePeerConnection connection = Connections.Ours();
        await using IcePeerConnection peer = Connections.Ours();
        await connection.createDataChannel("any");
        List<string> errors = [];
        connection.onicecandidateerror += (_, error) => errors.Add(error);
        Signaling.Negotiate(connection, peer);
        connection.addIceCandidate(new RTCIceCandidateInit { candidate = "candidate:nonsense" });
        connection.addIceCandidate(new RTCIceCandidateInit { candidate = "candidate:1 1 udp 2130706431 127.0.0.1 9999 typ host", usernameFragment = "of-another-session" });
        connection.addIceCandidate(new RTCIceCandidateInit { candidate = "" });
        connection.addIceCandidate(null);
        Assert.That(errors, Has.Count.EqualTo(2));
        Assert.That(errors[1], Does.Contain("of-another-session"));
    }
}
