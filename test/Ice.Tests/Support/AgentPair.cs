using System.Net;

namespace Ice.Tests;

/// <summary>Two agents of one process and the signaling between them.</summary>
internal sealed class AgentPair : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private AgentPair(IceAgent left, IceAgent right)
    {
        Left = left;
        Right = right;
    }

    public IceAgent Left { get; }

    public IceAgent Right { get; }

    /// <summary>Options that stay on 127.0.0.1, or on another loopback address.</summary>
    public static IceAgentOptions Loopback(IceRole role, string address = "127.0.0.1") => new()
    {
        Role = role,
        BindAddresses = [IPAddress.Parse(address)],
        IncludeLoopback = true,
    };

    public static AgentPair Create(Func<IceAgentOptions, IceAgentOptions>? left = null, Func<IceAgentOptions, IceAgentOptions>? right = null, string address = "127.0.0.1")
    {
        IceAgentOptions leftOptions = Loopback(IceRole.Controlling, address);
        IceAgentOptions rightOptions = Loopback(IceRole.Controlled, address);
        return new AgentPair(new IceAgent(left?.Invoke(leftOptions) ?? leftOptions), new IceAgent(right?.Invoke(rightOptions) ?? rightOptions));
    }

    /// <summary>Makes two agents and connects them.</summary>
    public static async Task<AgentPair> ConnectedAsync(
        Func<IceAgentOptions, IceAgentOptions>? left = null, Func<IceAgentOptions, IceAgentOptions>? right = null, string address = "127.0.0.1")
    {
        AgentPair pair = Create(left, right, address);
        await pair.ExchangeAsync();
        await pair.ConnectAsync();
        return pair;
    }

    /// <summary>Gathers on both sides and hands each the other's parameters and candidates.</summary>
    public async Task ExchangeAsync()
    {
        IceCandidate[] left = await GatherAsync(Left);
        IceCandidate[] right = await GatherAsync(Right);
        Signal(Left, left, Right);
        Signal(Right, right, Left);
    }

    public Task ConnectAsync() => Task.WhenAll(Left.ConnectAsync(), Right.ConnectAsync()).WaitAsync(Limit);

    public static async Task<IceCandidate[]> GatherAsync(IceAgent agent)
    {
        using CancellationTokenSource timeout = new(Limit);
        return await agent.GatherAsync(timeout.Token).ToArrayAsync(timeout.Token);
    }

    /// <summary>Signals as text, as applications do.</summary>
    public static void Signal(IceAgent from, IEnumerable<IceCandidate> candidates, IceAgent to)
    {
        to.SetRemoteParameters(from.LocalParameters);
        foreach (IceCandidate candidate in candidates)
            to.AddRemoteCandidate(candidate.ToString());
        to.AddRemoteCandidate(null);
    }

    public async ValueTask DisposeAsync()
    {
        await Left.DisposeAsync();
        await Right.DisposeAsync();
    }
}
