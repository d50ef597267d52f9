namespace Ice.Tests;

/// <summary>Two agents on a network in memory, a bridge at each, and a program at each bridge.</summary>
internal sealed class BridgedPair : IAsyncDisposable
{
    public BridgedPair(
        Func<IceUdpBridgeOptions, IceUdpBridgeOptions>? left = null,
        Func<IceUdpBridgeOptions, IceUdpBridgeOptions>? right = null,
        Func<IceAgentOptions, IceAgentOptions>? agents = null)
    {
        Agents = new MemoryPair(agents, agents);
        LeftApplication = new MemoryApplication(Agents.Network);
        RightApplication = new MemoryApplication(Agents.Network);
        IceUdpBridgeOptions options = new() { SocketFactory = Agents.Network.Bind };
        LeftBridge = IceUdpBridge.Start(Agents.Left, left?.Invoke(options) ?? options);
        IceUdpBridgeOptions known = options with { Application = RightApplication.EndPoint };
        RightBridge = IceUdpBridge.Start(Agents.Right, right?.Invoke(known) ?? known);
    }

    public MemoryPair Agents { get; }

    public MemoryNetwork Network => Agents.Network;

    /// <summary>Meets an application that it has to learn.</summary>
    public IceUdpBridge LeftBridge { get; }

    /// <summary>Knows its application.</summary>
    public IceUdpBridge RightBridge { get; }

    public MemoryApplication LeftApplication { get; }

    public MemoryApplication RightApplication { get; }

    public static async Task<BridgedPair> ConnectedAsync(
        Func<IceUdpBridgeOptions, IceUdpBridgeOptions>? left = null, Func<IceUdpBridgeOptions, IceUdpBridgeOptions>? right = null)
    {
        BridgedPair pair = new(left, right);
        await pair.ConnectAsync();
        return pair;
    }

    public Task ConnectAsync()
    {
        Agents.Exchange();
        return Agents.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        LeftApplication.Dispose();
        RightApplication.Dispose();
        await LeftBridge.DisposeAsync();
        await RightBridge.DisposeAsync();
        await Agents.DisposeAsync();
    }
}
