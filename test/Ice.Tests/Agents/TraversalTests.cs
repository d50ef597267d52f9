using System.Net;
using Stun;

namespace Ice.Tests;

/// <summary>The sockets that guessing opens, in the asynchronous agent.</summary>
public sealed class TraversalTests
{
    private const int Sockets = 8;

    [Test]
    public async Task The_extra_sockets_are_opened_used_and_closed_and_their_counts_stay()
    {
        await using MemoryPair pair = Guessing(TimeSpan.FromSeconds(5));
        using MemoryStunServer first = Server(pair, 1, 5000);
        using MemoryStunServer second = Server(pair, 2, 40_000);
        HashSet<IPEndPoint> senders = await StartAsync(pair);
        int before = pair.Network.OpenSockets;
        await PassAsync(pair, 12);
        await MemoryPair.EventuallyAsync(() => pair.Network.OpenSockets == before + Sockets);
        await pair.AdvanceUntilAsync(() => Count(senders) > Sockets, TimeSpan.FromSeconds(4));
        Assert.That(pair.Left.GetStats().ProbesSent, Is.Positive);
        long received = pair.Left.GetStats().StunPacketsReceived;
        await PassAsync(pair, 50);
        await MemoryPair.EventuallyAsync(() => pair.Network.OpenSockets == before);
        Assert.That(pair.Left.GetStats().StunPacketsReceived, Is.GreaterThanOrEqualTo(received));
    }

    [Test]
    public async Task Disposing_the_agent_while_it_guesses_leaves_no_socket()
    {
        MemoryPair pair = Guessing(TimeSpan.FromSeconds(15));
        using MemoryStunServer first = Server(pair, 1, 5000);
        using MemoryStunServer second = Server(pair, 2, 40_000);
        _ = await StartAsync(pair);
        int before = pair.Network.OpenSockets;
        await PassAsync(pair, 12);
        await MemoryPair.EventuallyAsync(() => pair.Network.OpenSockets > before);
        await pair.DisposeAsync();
        Assert.That(pair.Network.OpenSockets, Is.EqualTo(2), "the two servers'");
    }

    [Test]
    public async Task A_socket_that_cannot_be_opened_ends_the_guessing_and_nothing_else()
    {
        int opened = 0;
        await using MemoryPair pair = Guessing(TimeSpan.FromSeconds(5), factory => endPoint =>
            Interlocked.Increment(ref opened) > 4 ? throw new InvalidOperationException("no more") : factory(endPoint));
        using MemoryStunServer first = Server(pair, 1, 5000);
        using MemoryStunServer second = Server(pair, 2, 40_000);
        HashSet<IPEndPoint> senders = await StartAsync(pair);
        await PassAsync(pair, 12);
        await MemoryPair.EventuallyAsync(() => Volatile.Read(ref opened) == 5);
        await pair.AdvanceUntilAsync(() => Count(senders) == 4, TimeSpan.FromSeconds(3));
        Assert.That(pair.Left.State, Is.EqualTo(IceConnectionState.Checking));
    }

    [Test]
    public void Options_that_cannot_be_are_refused_when_the_agent_is_made()
    {
        Assert.That(() => new IceAgent(new IceAgentOptions { Traversal = new(), Mode = IceMode.Lite }), Throws.ArgumentException.With.Message.Contains("full agent"));
        Assert.That(() => new IceAgent(new IceAgentOptions { Traversal = new() { ProbesPerSecond = 0 } }), Throws.ArgumentException.With.Message.Contains("1 to 200"));
    }

    private static MemoryPair Guessing(TimeSpan duration, Func<Func<IPEndPoint, Ice.Net.IDatagramSocket>, Func<IPEndPoint, Ice.Net.IDatagramSocket>>? wrap = null) => new(left: options => options with
    {
        Servers = [new IceServer("stun:203.0.113.1"), new IceServer("stun:203.0.113.2")],
        Traversal = new IceTraversalOptions { GuessSockets = Sockets, Duration = duration },
        SocketFactory = wrap is null ? options.SocketFactory : wrap(options.SocketFactory!),
    });

    private static MemoryStunServer Server(MemoryPair pair, int number, int port) =>
        new(pair.Network, IPEndPoint.Parse($"203.0.113.{number}:3478"), TransportAddress.Parse("198.51.100.7", port));

    /// <summary>Lets the left agent gather and check a peer that does not answer; returns who sends to it.</summary>
    private static async Task<HashSet<IPEndPoint>> StartAsync(MemoryPair pair)
    {
        HashSet<IPEndPoint> senders = [];
        var peer = IPEndPoint.Parse("198.51.100.9:7000");
        pair.Network.Passes = (from, to) =>
        {
            if (to.Equals(peer))
            {
                lock (senders)
                    senders.Add(from);
            }

            return true;
        };
        pair.Left.StartGathering();
        await pair.AdvanceUntilAsync(() => pair.Left.LocalCandidates.Count == 3, TimeSpan.FromSeconds(5));
        pair.Left.SetRemoteParameters(pair.Right.LocalParameters);
        pair.Left.AddRemoteCandidate("candidate:1 1 udp 1694498815 198.51.100.9 7000 typ srflx raddr 192.168.0.2 rport 7000");
        return senders;
    }

    private static Task PassAsync(MemoryPair pair, int steps) => pair.AdvanceUntilAsync(() => steps-- <= 0, TimeSpan.FromMinutes(1));

    private static int Count(HashSet<IPEndPoint> senders)
    {
        lock (senders)
            return senders.Count;
    }
}
