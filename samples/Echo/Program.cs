using Ice;

using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(5));
await using var agent = new IceAgent(new IceAgentOptions
{
    Role = args is ["offer"] ? IceRole.Controlling : IceRole.Controlled,
    Servers = [new IceServer("stun:stun.example.org")],
});
Console.WriteLine($"{agent.LocalParameters.UsernameFragment} {agent.LocalParameters.Password}");
Task signaling = Task.Run(async () =>
{
    await foreach (IceCandidate candidate in agent.GatherAsync(timeout.Token))
        Console.WriteLine(candidate);                                   // trickle each one as it is found
    Console.WriteLine("end-of-candidates");
});
if (Console.ReadLine()?.Split(' ') is [var ufrag, var password])
    agent.SetRemoteParameters(new IceParameters(ufrag, password));
while (Console.ReadLine() is { } line && line != "end-of-candidates")
    agent.AddRemoteCandidate(line);
await agent.ConnectAsync(timeout.Token);                                // a nominated pair works
await agent.SendAsync("hello"u8.ToArray(), timeout.Token);
var buffer = new byte[1500];
IceReceiveResult received = await agent.ReceiveAsync(buffer, timeout.Token);
Console.WriteLine($"{received.Length} bytes from {received.RemoteEndPoint}");
await signaling;
