using System.Net;
using System.Net.Sockets;

namespace Ice.Tests;

public sealed class BadServerTests
{
    [Test]
    public async Task Bytes_that_are_no_messages_end_the_stream_with_a_reason()
    {
        int seed = Random.Shared.Next();
        await TestContext.Out.WriteLineAsync($"seed {seed}");
        byte[] nonsense = new byte[100];
        new Random(seed).NextBytes(nonsense);
        nonsense[0] = 0xFF;
        Assert.That(await FailureAsync("turn:127.0.0.1:{0}?transport=tcp", client => client.Send(nonsense)), Does.Contain("neither STUN nor ChannelData"));
    }

    [Test]
    public async Task A_server_that_hangs_up_is_reported() =>
        Assert.That(await FailureAsync("turn:127.0.0.1:{0}?transport=tcp", static client => client.Shutdown(SocketShutdown.Both)), Does.Contain("closed the connection"));

    [Test]
    public async Task A_server_that_speaks_no_TLS_is_reported_with_a_question() =>
        Assert.That(await FailureAsync("turns:127.0.0.1:{0}", static client => client.Send("HTTP/1.1 400 Bad Request\r\n\r\n"u8)), Does.Contain("handshake"));

    [Test]
    public async Task A_port_where_nobody_listens_is_reported()
    {
        using Socket closed = Listen();
        int port = ((IPEndPoint)closed.LocalEndPoint!).Port;
        closed.Dispose();
        await using IceAgent agent = Agent($"turn:127.0.0.1:{port}?transport=tcp");
        Assert.That(await ReasonAsync(agent), Does.Contain($"cannot connect to 127.0.0.1:{port} from 127.0.0.1"));
    }

    [TestCase("turn:127.0.0.1:{0}?transport=tcp")]
    [TestCase("turns:127.0.0.1:{0}")]
    public async Task A_server_that_says_nothing_does_not_hold_up_disposing(string url)
    {
        using Socket listener = Listen();
        IceAgent agent = Agent(url.Replace("{0}", $"{((IPEndPoint)listener.LocalEndPoint!).Port}", StringComparison.Ordinal));
        agent.StartGathering();
        using Socket client = await listener.AcceptAsync().WaitAsync(AgentPair.Limit);
        await agent.DisposeAsync().AsTask().WaitAsync(AgentPair.Limit);

        byte[] buffer = new byte[4096];
        using CancellationTokenSource limit = new(AgentPair.Limit);
        while (await client.ReceiveAsync(buffer, limit.Token) > 0)
        {
        }
    }

    [Test]
    public async Task A_server_that_reads_nothing_costs_bounded_memory_and_closing_does_not_wait_for_it()
    {
        StuckStream stream = new();
        StreamLink link = new(stream);
        byte[] message = new byte[1000];
        int taken = 0;
        while (taken < 10_000 && link.TryWrite(message))
            taken++;

        // What is being written, and the queue.
        Assert.That(taken * message.Length, Is.InRange(200_000, 2 * 256 * 1024));
        await link.DisposeAsync().AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(stream.IsDisposed, Is.True);
        Assert.That(link.TryWrite(message), Is.False);
    }

    private static Socket Listen()
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
    }

    private static IceAgent Agent(string url) =>
        new(TurnRig.RelayOnly(AgentPair.Loopback(IceRole.Controlling), new IceServer(url, "alice", "secret") { TrustedRoots = [TestCertificate.Instance] }));

    private static async Task<string> FailureAsync(string url, Action<Socket> answer)
    {
        using Socket listener = Listen();
        await using IceAgent agent = Agent(url.Replace("{0}", $"{((IPEndPoint)listener.LocalEndPoint!).Port}", StringComparison.Ordinal));
        Task<string> reason = ReasonAsync(agent);
        using Socket client = await listener.AcceptAsync().WaitAsync(AgentPair.Limit);
        _ = await client.ReceiveAsync(new byte[4096]).WaitAsync(AgentPair.Limit);
        answer(client);
        return await reason;
    }

    private static async Task<string> ReasonAsync(IceAgent agent)
    {
        TaskCompletionSource<IceServerAnsweredEventArgs> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        agent.ServerAnswered += (_, args) => answered.TrySetResult(args);
        Assert.That(await AgentPair.GatherAsync(agent), Is.Empty);
        return (await answered.Task.WaitAsync(AgentPair.Limit)).Reason!;
    }
}
