using System.Net;
using Ice.Core;

namespace Ice.Tests;

/// <summary>Many pairs of agents on 127.0.0.1, the left ones behind a mux, and the right ones with sockets of their own or behind another mux.</summary>
internal sealed class MuxedPairs : IAsyncDisposable
{
    private MuxedPairs(IceUdpMux mux, IceUdpMux? other, AgentPair[] pairs)
    {
        Mux = mux;
        Other = other;
        Pairs = pairs;
    }

    public IceUdpMux Mux { get; }

    public IceUdpMux? Other { get; }

    public AgentPair[] Pairs { get; }

    public static IceUdpMuxOptions Loopback { get; } = new() { Addresses = [IPAddress.Loopback] };

    /// <summary>Makes pairs and connects them.</summary>
    public static async Task<MuxedPairs> ConnectedAsync(
        int count, bool muxToMux = false, IceUdpMuxOptions? options = null, Func<IceAgentOptions, IceAgentOptions>? left = null)
    {
        IceUdpMux mux = IceUdpMux.Bind(options ?? Loopback);
        IceUdpMux? other = muxToMux ? IceUdpMux.Bind(Loopback) : null;
        MuxedPairs pairs = new(mux, other, [.. Enumerable.Range(0, count).Select(_ => AgentPair.Create(
            own => (left ?? (static same => same))(Behind(own, mux)),
            own => other is null ? own with { Pacer = NewPacer() } : Behind(own, other)))]);
        await pairs.ExchangeAsync();
        await pairs.ConnectAsync();
        return pairs;
    }

    /// <summary>Options behind a mux in place of addresses, with a pacer of the agent's own.</summary>
    public static IceAgentOptions Behind(IceAgentOptions options, IceUdpMux mux) => options with { Mux = mux, BindAddresses = [], Pacer = NewPacer() };

    public Task ExchangeAsync() => Task.WhenAll(Pairs.Select(static pair => pair.ExchangeAsync()));

    public Task ConnectAsync() => Task.WhenAll(Pairs.Select(static pair => pair.ConnectAsync()));

    /// <summary>Sends a number of each pair's own both ways and expects it there.</summary>
    public async Task TalkAsync()
    {
        for (int i = 0; i < Pairs.Length; i++)
            await TalkAsync(Pairs[i], i);
    }

    public static async Task TalkAsync(AgentPair pair, int number)
    {
        await ExpectAsync(pair.Left, pair.Right, number);
        await ExpectAsync(pair.Right, pair.Left, ~number);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (AgentPair pair in Pairs)
            await pair.DisposeAsync();
        await Mux.DisposeAsync();
        if (Other is not null)
            await Other.DisposeAsync();
    }

    private static async Task ExpectAsync(IceAgent from, IceAgent to, int number)
    {
        byte[] buffer = new byte[100];
        await from.SendAsync(BitConverter.GetBytes(number));
        IceReceiveResult received = await to.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit);
        Assert.That((received.Length, BitConverter.ToInt32(buffer)), Is.EqualTo((4, number)));
    }

    private static Pacer NewPacer() => new(TimeSpan.FromMilliseconds(5));
}
