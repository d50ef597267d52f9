using Ice;
using Ice.Net;
using Stun;

if (args is not [("offer" or "answer") and var side, .. { Length: 0 or 3 } relay])
{
    Say("usage: HandOver offer|answer [turn:HOST:PORT USER PASSWORD]");
    return 2;
}

// What a DTLS-SRTP stack is handed, and what it hands back. Each datagram is handled where it arrives: nothing is copied.
using CancellationTokenSource timeout = new(TimeSpan.FromMinutes(5));
TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
await using IceAgent agent = new(new IceAgentOptions
{
    Role = side == "offer" ? IceRole.Controlling : IceRole.Controlled,
    IncludeLoopback = true,
    Servers = relay is [var url, var user, var password] ? [new IceServer(url, user, password)] : [],
    Policy = relay.Length > 0 ? IceTransportPolicy.Relay : IceTransportPolicy.All,
    Dscp = 46,                                                          // EF, for checks and for what has no mark of its own
    MarkedDatagramHandler = OnDatagram,
    MaxDatagramSize = 65_535,                                           // what fits on a loopback interface
});
agent.SelectedPairChanged += (_, change) => Say(change.Pair is { } pair
    ? $"the pair is {pair.Local.Address} to {pair.Remote.Address}, was {change.Previous?.Remote.Address.ToString() ?? "none"}; {change.PayloadMtu} bytes fit"
    : "there is no pair any more");
agent.PayloadMtuChanged += (_, change) => Say($"a router says that only {change.PayloadMtu} bytes fit");

Console.WriteLine($"{agent.LocalParameters.UsernameFragment} {agent.LocalParameters.Password}");
await foreach (IceCandidate candidate in agent.GatherAsync(timeout.Token))
    Console.WriteLine(candidate);
Console.WriteLine("end-of-candidates");
if (Console.ReadLine()?.Split(' ') is [var ufrag, var pwd])
    agent.SetRemoteParameters(new IceParameters(ufrag, pwd));
while (Console.ReadLine() is { } line && line != "end-of-candidates")
    agent.AddRemoteCandidate(line);
await agent.ConnectAsync(timeout.Token);

IceComponent transport = agent.Components[0];
Say($"marks: {transport.Marking}");
TrafficClass video = new(34, EcnCodepoint.Ect0);                        // AF41, and a transport that understands ECN
for (int round = 0; round < 5; round++)
{
    await transport.SendAsync(new byte[] { 22, 254, 253, 0 }, timeout.Token);           // DTLS: the handshake's content type
    await transport.SendAsync(new byte[] { 0x80, 96, 0, 0 }, video, timeout.Token);     // RTP, payload type 96
    await transport.SendAsync(new byte[] { 0x80, 200, 0, 0 }, timeout.Token);           // RTCP: a sender report
    byte[] largest = new byte[transport.PayloadMtu ?? 1200];
    largest[0] = 0x40;                                                                  // QUIC: a short header
    if (!transport.TrySend(largest, video))
        Say("no room: that one is lost, as on the way it might have been");
    await Task.Delay(200, timeout.Token);
}

await transport.SendAsync(new byte[] { 21, 254, 253 }, timeout.Token);                  // DTLS: an alert, as the end
await done.Task.WaitAsync(timeout.Token);
await Task.Delay(500, timeout.Token);
return 0;

// Standard output is for the signaling.
static void Say(string text) => Console.Error.WriteLine(text);

void OnDatagram(IceComponent component, ReadOnlySpan<byte> datagram, IceReceiveResult received)
{
    // The agent has kept STUN and taken off TURN's framing: what begins like ChannelData is QUIC.
    PacketKind kind = Demultiplexer.Classify(datagram, fromTurnServer: false);
    Say($"{kind}, {datagram.Length} bytes, DSCP {received.TrafficClass?.Dscp}, {received.TrafficClass?.Ecn}");
    if (kind == PacketKind.Dtls && datagram[0] == 21)
        done.TrySetResult();
}
