using System.Net;
using System.Net.Sockets;

namespace Ice.Tests;

/// <summary>Bridges on real sockets.</summary>
public sealed class BridgeSocketTests
{
    private const int RoundTrips = 5_000;
    private const int Attempts = 5;

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task Five_thousand_round_trips_through_two_bridges_allocate_nothing(string address)
    {
        await using AgentPair agents = await AgentPair.ConnectedAsync(address: address);
        using Socket client = Open(address);
        using Socket server = Open(address);
        await using IceUdpBridge left = IceUdpBridge.Start(agents.Left, new() { Local = new(IPAddress.Parse(address), 0) });
        await using IceUdpBridge right = IceUdpBridge.Start(agents.Right, new() { Local = new(IPAddress.Parse(address), 0), Application = (IPEndPoint)server.LocalEndPoint! });
        // All threads are counted, those of the test host among them: one clean attempt shows that the bridges allocate nothing.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least >= RoundTrips; attempt++)
            least = Math.Min(least, await Task.Run(() => MeasureAsync(client, left.LocalEndPoint.Serialize(), server, right.LocalEndPoint.Serialize())));
        Assert.That(least / (double)RoundTrips, Is.LessThan(1), $"{least} bytes in {RoundTrips} round trips");
    }

    [Test]
    public async Task An_application_that_goes_away_and_comes_back_to_its_port_is_served_on()
    {
        await using AgentPair agents = await AgentPair.ConnectedAsync();
        Socket first = Open("127.0.0.1");
        var port = (IPEndPoint)first.LocalEndPoint!;
        await using IceUdpBridge bridge = IceUdpBridge.Start(agents.Right, new() { Application = port });
        agents.Left.TrySend([1]);
        Assert.That(first.Receive(new byte[10]), Is.EqualTo(1));
        first.Dispose();
        for (int i = 1; i <= 10; i++)
        {
            // Nothing listens there, and the system says so by ICMP.
            agents.Left.TrySend([2, 2]);
            await MemoryPair.EventuallyAsync(() => bridge.GetStats() is var stats && stats.SentToApplication + stats.RefusedForApplication == 1 + i);
        }

        using Socket second = Open("127.0.0.1", port.Port);
        agents.Left.TrySend([3, 3, 3]);
        Assert.That(second.Receive(new byte[10]), Is.EqualTo(3));
        second.SendTo([4, 4, 4, 4], bridge.LocalEndPoint);
        byte[] buffer = new byte[10];
        Assert.That((await agents.Left.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit)).Length, Is.EqualTo(4));
        Assert.That(bridge.Completion.IsCompleted, Is.False);
    }

    [Test]
    public async Task A_local_port_that_is_taken_is_told_and_the_agent_is_as_before()
    {
        await using AgentPair agents = await AgentPair.ConnectedAsync();
        using Socket holder = Open("127.0.0.1");
        Assert.Throws<SocketException>(() => IceUdpBridge.Start(agents.Left, new() { Local = (IPEndPoint)holder.LocalEndPoint! }));
        await using IceUdpBridge bridge = IceUdpBridge.Start(agents.Left);
        Assert.That(bridge.LocalEndPoint.Address, Is.EqualTo(IPAddress.Loopback));
    }

    private static Socket Open(string address, int port = 0)
    {
        var local = IPAddress.Parse(address);
        Socket socket = new(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = (int)AgentPair.Limit.TotalMilliseconds };
        socket.Bind(new IPEndPoint(local, port));
        return socket;
    }

    private static async Task<long> MeasureAsync(Socket client, SocketAddress left, Socket server, SocketAddress right)
    {
        byte[] data = new byte[1200];
        byte[] buffer = new byte[2048];
        long before = 0;
        using CancellationTokenSource timeout = new(2 * AgentPair.Limit);
        for (int i = -500; i < RoundTrips; i++)
        {
            if (i == 0)
                before = GC.GetTotalAllocatedBytes(precise: true);
            _ = client.SendTo(data, SocketFlags.None, left);
            _ = await server.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, timeout.Token);
            _ = server.SendTo(data, SocketFlags.None, right);
            _ = await client.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, timeout.Token);
        }

        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
