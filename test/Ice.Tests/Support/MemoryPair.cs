using System.Net;
using Ice.Core;

namespace Ice.Tests;

/// <summary>Two agents on a network in memory under a manual clock.</summary>
internal sealed class MemoryPair : IAsyncDisposable
{
    private static readonly IPAddress s_leftAddress = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress s_rightAddress = IPAddress.Parse("192.0.2.2");

    public MemoryPair(
        Func<IceAgentOptions, IceAgentOptions>? left = null, Func<IceAgentOptions, IceAgentOptions>? right = null, MemoryNetwork? network = null)
    {
        Network = network ?? new MemoryNetwork();
        Left = new IceAgent((left ?? Same)(Options(IceRole.Controlling, s_leftAddress)));
        Right = new IceAgent((right ?? Same)(Options(IceRole.Controlled, s_rightAddress)));
    }

    public ManualTimeProvider Time { get; } = new();

    public MemoryNetwork Network { get; }

    public IceAgent Left { get; }

    public IceAgent Right { get; }

    public static async Task<MemoryPair> ConnectedAsync(Func<IceAgentOptions, IceAgentOptions>? left = null, Func<IceAgentOptions, IceAgentOptions>? right = null)
    {
        MemoryPair pair = new(left, right);
        pair.Exchange();
        await pair.ConnectAsync();
        return pair;
    }

    public void Exchange()
    {
        Left.StartGathering();
        Right.StartGathering();
        AgentPair.Signal(Left, Left.LocalCandidates, Right);
        AgentPair.Signal(Right, Right.LocalCandidates, Left);
    }

    public Task ConnectAsync() => Task.WhenAll(Left.ConnectAsync(), Right.ConnectAsync()).WaitAsync(AgentPair.Limit);

    /// <summary>Waits, without moving the clock, for what another thread is about to do.</summary>
    public static async Task EventuallyAsync(Func<bool> happened)
    {
        using CancellationTokenSource timeout = new(AgentPair.Limit);
        while (!happened())
        {
            Assert.That(timeout.IsCancellationRequested, Is.False, $"nothing happened in {AgentPair.Limit}");
            await Task.Yield();
        }
    }

    /// <summary>Moves the clock in small steps until something has happened, and lets every datagram arrive after each step.</summary>
    public async Task AdvanceUntilAsync(Func<bool> happened, TimeSpan limit)
    {
        TimeSpan step = TimeSpan.FromMilliseconds(100);
        for (TimeSpan passed = TimeSpan.Zero; passed < limit && !happened(); passed += step)
        {
            Time.Advance(step);
            await Network.WaitUntilIdleAsync();
        }

        Assert.That(happened(), Is.True, $"nothing happened in {limit} of the manual clock");
    }

    public async ValueTask DisposeAsync()
    {
        await Left.DisposeAsync();
        await Right.DisposeAsync();
    }

    private static IceAgentOptions Same(IceAgentOptions options) => options;

    // A pacer each: the clock stands still, and the two are to be two processes.
    private IceAgentOptions Options(IceRole role, IPAddress address) => new()
    {
        Pacer = new Pacer(TimeSpan.FromMilliseconds(5)),
        Role = role,
        BindAddresses = [address],
        SocketFactory = Network.Bind,
        TimeProvider = Time,
    };
}
