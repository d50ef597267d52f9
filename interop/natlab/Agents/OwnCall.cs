using System.Diagnostics;
using Ice;
using NatLab.Cases;
using NatLab.Network;
using PeersInterop;

namespace NatLab.Agents;

/// <summary>Two agents of this process that are connected directly, and what happens to them later.</summary>
internal sealed class OwnCall : IAsyncDisposable
{
    private readonly CancellationToken _cancellation;

    private OwnCall(LabContext context, Host left, Host right)
    {
        Left = new OwnAgent(left, IceRole.Controlling, context.Coturn.Urls);
        Right = new OwnAgent(right, IceRole.Controlled, context.Coturn.Urls);
        _cancellation = context.Cancellation;
    }

    public OwnAgent Left { get; }

    public OwnAgent Right { get; }

    /// <summary>Connects two hosts between which there is a direct path.</summary>
    public static async Task<OwnCall> ConnectAsync(LabContext context, Host left, Host right)
    {
        var call = new OwnCall(context, left, right);
        try
        {
            LabCall made = await LabCall.ConnectAsync(call.Left, call.Right, context.Cancellation);
            Check.That(!made.IsRelayed, $"relayed ({made.Offerer}) where a direct path is to be found");
            return call;
        }
        catch
        {
            await call.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits, and expects both agents to stay connected all the time.</summary>
    public async Task ExpectConnectedForAsync(TimeSpan time)
    {
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(_cancellation);
        IceConnectionState[] ended = [IceConnectionState.Failed, IceConnectionState.Disconnected, IceConnectionState.Closed];
        Task<IceConnectionState> trouble = await Task.WhenAny(Watch(Left), Watch(Right));
        await watch.CancelAsync();
        _cancellation.ThrowIfCancellationRequested();
        Check.That(trouble.IsFaulted, $"no longer connected: {Left.History} / {Right.History}{Left.Pairs()}");

        Task<IceConnectionState> Watch(OwnAgent agent) => agent.WaitForStateAsync(time, watch.Token, ended);
    }

    /// <summary>Has new datagrams go both ways.</summary>
    public async Task ExchangeDataAsync()
    {
        Left.RenewData();
        Right.RenewData();
        await LabCall.ExchangeDataAsync(Left, Right, _cancellation);
    }

    /// <summary>Restarts both agents, until they are connected and carry data again.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> RestartAsync()
    {
        long start = Stopwatch.GetTimestamp();
        await Left.Agent.RestartAsync(_cancellation);
        await Right.Agent.RestartAsync(_cancellation);
        Left.RenewData();
        Right.RenewData();
        _ = await LabCall.ConnectAsync(Left, Right, _cancellation);
        return Stopwatch.GetElapsedTime(start);
    }

    public async ValueTask DisposeAsync()
    {
        await Left.DisposeAsync();
        await Right.DisposeAsync();
    }
}
