namespace PeersInterop;

/// <summary>Numbered datagrams from one side to the other, fifty a second, until it is stopped.</summary>
internal sealed class DataFlow : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_straggling = TimeSpan.FromMilliseconds(300);
    private static int s_flows;

    private readonly string _prefix = $"flow {Interlocked.Increment(ref s_flows)} ";
    private readonly CancellationTokenSource _stop = new();
    private readonly PeerProcess _from;
    private readonly PeerProcess _to;
    private readonly int _mark;
    private readonly Task _sending;

    public DataFlow(PeerProcess from, PeerProcess to)
    {
        _from = from;
        _to = to;
        _mark = to.Mark;
        _sending = SendAsync();
    }

    /// <summary>How many were sent.</summary>
    public int Sent { get; private set; }

    /// <summary>How many of them have not arrived.</summary>
    public int Lost => Sent - _to.Lines(_mark).Where(l => l.Event == "data" && l.Text("text").StartsWith(_prefix, StringComparison.Ordinal)).Select(l => l.Text("text")).Distinct().Count();

    /// <summary>Waits until so many more have been sent.</summary>
    public async Task SendMoreAsync(int count, CancellationToken cancellationToken)
    {
        int end = Sent + count;
        using var timer = new PeriodicTimer(s_interval);
        while (Sent < end)
            await timer.WaitForNextTickAsync(cancellationToken);
    }

    /// <summary>Stops sending and waits for what is under way.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        using var timer = new PeriodicTimer(s_straggling);
        if (Lost > 0)
            await timer.WaitForNextTickAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        using var timer = new PeriodicTimer(s_interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
                await _from.SendDataAsync($"{_prefix}{++Sent}");
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }
}
