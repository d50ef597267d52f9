using System.Net;

namespace Ice.BouncyCastle.Tests;

/// <summary>Two agents of one process on 127.0.0.1, connected.</summary>
internal sealed class AgentPair : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private AgentPair(IceAgent left, IceAgent right)
    {
        Left = left;
        Right = right;
    }

    public IceAgent Left { get; }

    public IceAgent Right { get; }

    public static IceAgentOptions Options(IceRole role) => new() { Role = role, BindAddresses = [IPAddress.Loopback], IncludeLoopback = true };

    public static async Task<AgentPair> ConnectedAsync(Func<IceAgentOptions, IceAgentOptions>? change = null)
    {
        change ??= static options => options;
        AgentPair pair = new(new IceAgent(change(Options(IceRole.Controlling))), new IceAgent(change(Options(IceRole.Controlled))));
        await pair.SignalAsync();
        await Task.WhenAll(pair.Left.ConnectAsync(), pair.Right.ConnectAsync()).WaitAsync(Limit);
        return pair;
    }

    public async Task RestartAsync()
    {
        await Task.WhenAll(Left.RestartAsync(), Right.RestartAsync());
        await SignalAsync();
        await Task.WhenAll(Left.ConnectAsync(), Right.ConnectAsync()).WaitAsync(Limit);
    }

    public static async Task<IceCandidate[]> GatherAsync(IceAgent agent)
    {
        using CancellationTokenSource timeout = new(Limit);
        return await agent.GatherAsync(timeout.Token).ToArrayAsync(timeout.Token);
    }

    /// <summary>Waits until something holds.</summary>
    public static async Task EventuallyAsync(Func<bool> condition)
    {
        using CancellationTokenSource timeout = new(Limit);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(5));
        while (!condition())
            _ = await timer.WaitForNextTickAsync(timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Left.DisposeAsync();
        await Right.DisposeAsync();
    }

    private async Task SignalAsync()
    {
        Hand(Left, await GatherAsync(Left), Right);
        Hand(Right, await GatherAsync(Right), Left);
    }

    private static void Hand(IceAgent from, IceCandidate[] candidates, IceAgent to)
    {
        to.SetRemoteParameters(from.LocalParameters);
        foreach (IceCandidate candidate in candidates)
            to.AddRemoteCandidate(candidate);
        to.AddRemoteCandidate(candidate: null);
    }
}
