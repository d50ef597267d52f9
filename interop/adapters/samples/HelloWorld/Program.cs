using System.Net;
using System.Text;
using Ice.SIPSorcery;
using SIPSorcery.Net;

// Two connections of one process greet each other over a data channel. What an application of SIPSorcery's changes is the one line that makes
// a connection; everything else here is SIPSorcery's API.
// Both are on this machine: without the address they would use the interface that leads to the Internet.
var configuration = new RTCConfiguration { X_BindAddress = IPAddress.Loopback };
using RTCPeerConnection alice = Connect(configuration);
using RTCPeerConnection bob = Connect(configuration);
var greeted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

alice.onconnectionstatechange += state => Console.WriteLine($"alice is {state}");
bob.ondatachannel += channel => channel.onmessage += (_, _, data) =>
{
    Console.WriteLine($"bob hears: {Encoding.UTF8.GetString(data)}");
    channel.send("hello, alice");
};
RTCDataChannel greetings = await alice.createDataChannel("greetings");
greetings.onopen += () => greetings.send("hello, bob");
greetings.onmessage += (_, _, data) =>
{
    Console.WriteLine($"alice hears: {Encoding.UTF8.GetString(data)}");
    greeted.TrySetResult();
};

// Signaling: between machines this is yours (a WebSocket, a chat, a file); here each is simply handed what the other has to say.
alice.onicecandidate += candidate => bob.addIceCandidate(Trickled(candidate));
bob.onicecandidate += candidate => alice.addIceCandidate(Trickled(candidate));
RTCSessionDescriptionInit offer = alice.createOffer();
await alice.setLocalDescription(offer);
bob.setRemoteDescription(offer);
RTCSessionDescriptionInit answer = bob.createAnswer();
await bob.setLocalDescription(answer);
alice.setRemoteDescription(answer);

await greeted.Task.WaitAsync(TimeSpan.FromSeconds(30));

static RTCPeerConnection Connect(RTCConfiguration configuration) => new IcePeerConnection(configuration); // was: new RTCPeerConnection(configuration)

static RTCIceCandidateInit Trickled(RTCIceCandidate candidate) => new()
{
    candidate = candidate.candidate,
    sdpMid = candidate.sdpMid,
    sdpMLineIndex = candidate.sdpMLineIndex,
    usernameFragment = candidate.usernameFragment,
};
