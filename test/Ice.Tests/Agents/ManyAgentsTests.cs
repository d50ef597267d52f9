using System.Net;
using System.Net.Sockets;
using Ice.Core;

namespace Ice.Tests;

/// <summary>A thousand agents at once, on real sockets.</summary>
[NonParallelizable]
public sealed class ManyAgentsTests
{
    private const int Pairs = 500;

    [Test]
    public async Task A_thousand_agents_connect_and_leave_nothing_behind()
    {
        IceAgentOptions left = AgentPair.Loopback(IceRole.Controlling) with { Pacer = Pacer.Unshared };
        IceAgentOptions right = left with { Role = IceRole.Controlled };
        WeakReference[] agents = await RunAsync(left, right);
        await MemoryPair.EventuallyAsync(() => !TimerWheel.Shared.IsRunning);

        // Threads that were the last to run one may hold it a little longer.
        await MemoryPair.EventuallyAsync(() =>
        {
            GC.Collect();
            return agents.Count(static agent => agent.IsAlive) < 10;
        });
    }

    private static async Task<WeakReference[]> RunAsync(IceAgentOptions left, IceAgentOptions right)
    {
        List<(IceAgent Left, IceAgent Right)> pairs = await ConnectAsync(left, right);
        IPEndPoint[] bound = [.. pairs.SelectMany(static pair => new[] { pair.Left, pair.Right }).Select(static agent => (IPEndPoint)agent.LocalCandidates[0].EndPoint)];
        await CloseAsync(pairs);

        // The ports are free again: the sockets are closed. Other processes may have got some of them by now.
        Assert.That(bound.Count(IsFree), Is.GreaterThan(bound.Length / 2));
        return [.. pairs.SelectMany(static pair => new[] { new WeakReference(pair.Left), new WeakReference(pair.Right) })];
    }

    private static async Task<List<(IceAgent Left, IceAgent Right)>> ConnectAsync(IceAgentOptions left, IceAgentOptions right)
    {
        List<(IceAgent Left, IceAgent Right)> pairs = [];
        for (int i = 0; i < Pairs; i++)
        {
            pairs.Add((new IceAgent(left), new IceAgent(right)));
            pairs[i].Left.StartGathering();
            pairs[i].Right.StartGathering();
        }

        foreach ((IceAgent one, IceAgent other) in pairs)
        {
            AgentPair.Signal(one, one.LocalCandidates, other);
            AgentPair.Signal(other, other.LocalCandidates, one);
        }

        foreach ((IceAgent one, IceAgent other) in pairs)
            await Task.WhenAll(one.ConnectAsync(), other.ConnectAsync()).WaitAsync(AgentPair.Limit);
        return pairs;
    }

    private static async Task CloseAsync(List<(IceAgent Left, IceAgent Right)> pairs)
    {
        foreach ((IceAgent one, IceAgent other) in pairs)
        {
            await one.DisposeAsync();
            await other.DisposeAsync();
        }
    }

    private static bool IsFree(IPEndPoint endPoint)
    {
        try
        {
            Ice.Net.UdpSocket.Bind(endPoint).Dispose();
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
