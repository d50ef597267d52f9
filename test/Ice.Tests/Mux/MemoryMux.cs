using System.Net;

namespace Ice.Tests;

/// <summary>Two agents on a network in memory under a manual clock, the left one behind a mux.</summary>
internal sealed class MemoryMux : IAsyncDisposable
{
    public MemoryMux(Func<IceUdpMuxOptions, IceUdpMuxOptions>? options = null, Func<IceAgentOptions, IceAgentOptions>? left = null)
    {
        MemoryNetwork network = new();
        IceUdpMuxOptions own = new() { Addresses = [IPAddress.Parse("192.0.2.7")], Port = 3000, SocketFactory = network.Bind };
        Mux = IceUdpMux.Bind(options?.Invoke(own) ?? own);
        Pair = new MemoryPair(
            agent => LeftOptions = (left ?? (static same => same))(agent with { Mux = Mux, BindAddresses = [], SocketFactory = null }),
            network: network);
    }

    public IceUdpMux Mux { get; }

    public MemoryPair Pair { get; }

    /// <summary>How the left agent was made.</summary>
    public IceAgentOptions LeftOptions { get; private set; } = null!;

    /// <summary>Where what the mux receives comes in.</summary>
    public MuxReceiver Receiver => Mux.Ports.Single().Receivers.Single();

    public MemoryNetwork Network => Pair.Network;

    public Task ConnectAsync()
    {
        Pair.Exchange();
        return Pair.ConnectAsync();
    }

    /// <summary>Waits until what arrives goes straight to the left agent's handler.</summary>
    public Task WaitForHandlerAsync() => MemoryPair.EventuallyAsync(() => Pair.Left.Components[0].Received.IsPassThrough);

    public async ValueTask DisposeAsync()
    {
        await Pair.DisposeAsync();
        await Mux.DisposeAsync();
    }
}
