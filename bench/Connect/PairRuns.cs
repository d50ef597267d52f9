namespace Bench;

/// <summary>Pairs of agents that connect again and again over the same kind of network, ours and a peer's in turns.</summary>
internal sealed class PairRuns : IAsyncDisposable
{
    /// <summary>How often pairs connect before it counts, where a run takes less than a millisecond: .NET's compiler is done with the code by then.</summary>
    public const int LongWarmUp = 3_000;

    /// <summary>The same where the network's delay is what is measured.</summary>
    public const int ShortWarmUp = 3;

    // What exchanging candidates takes at least; and the tokens that gathering has spent (RFC 8445 §14.2) have come again.
    private static readonly TimeSpan s_signaling = TimeSpan.FromMilliseconds(250);

    private readonly BenchSettings _settings;
    private readonly PeerProgram? _peer;

    private PairRuns(BenchSettings settings, PeerProgram? peer) => (_settings, _peer) = (settings, peer);

    /// <summary>By how many microseconds the delay proxy was late.</summary>
    public List<double> Lateness { get; } = [];

    /// <summary>Builds the peer's program, if one is asked for.</summary>
    public static async Task<PairRuns> StartAsync(BenchSettings settings)
    {
#pragma warning disable CA2000 // the runs own it
        PeerProgram? peer = settings.Against is { } name ? await PeerProgram.StartAsync(PeerPair.SourceOf(name)) : null;
#pragma warning restore CA2000
        return new PairRuns(settings, peer);
    }

    /// <summary>Connects our agents and the peer's in turns.</summary>
    /// <param name="what">What is measured, for who waits.</param>
    /// <param name="makeScene">The network, made anew for each pair.</param>
    /// <param name="pacing">Ta of our agents.</param>
    /// <param name="warmUp">How often pairs of ours connect before it counts.</param>
    public async Task<PairTimes> MeasureAsync(string what, Func<Task<ConnectScene>> makeScene, TimeSpan pacing, int warmUp = ShortWarmUp)
    {
        List<ConnectTimes> ours = [];
        List<ConnectTimes> theirs = [];
        double allocated = 0;
        for (int run = -warmUp; run < _settings.Runs; run++)
        {
            long before = GC.GetTotalAllocatedBytes();
            ConnectTimes our = await OnceAsync(makeScene, plan => OurPair.MakeAsync(plan with { Pacing = pacing }, _settings));
            long after = GC.GetTotalAllocatedBytes();
            ConnectTimes? their = run >= -ShortWarmUp && _peer is { } peer ? await OnceAsync(makeScene, plan => PeerPair.MakeAsync(peer, plan)) : null;
            if (run < 0)
                continue;
            ours.Add(our);
            allocated += after - before;
            if (their is { } times)
                theirs.Add(times);
            _settings.Progress.Report(what, run + 1, _settings.Runs);
        }

        return new PairTimes(ours, theirs, allocated / _settings.Runs);
    }

    public async ValueTask DisposeAsync()
    {
        if (_peer is not null)
            await _peer.DisposeAsync();
    }

    private async Task<ConnectTimes> OnceAsync(Func<Task<ConnectScene>> makeScene, Func<PairPlan, Task<IPair>> makePair)
    {
        ConnectScene scene = await makeScene();
        try
        {
            await using IPair pair = await makePair(scene.Plan);
            (IReadOnlyList<string> toA, IReadOnlyList<string> toB) = scene.Signal(pair);
            if (scene.Plan.Kind != PathKind.Host)
                await Task.Delay(s_signaling);
            return await pair.ConnectAsync(toA, toB);
        }
        finally
        {
            await scene.DisposeAsync();
            Lateness.AddRange(scene.Lateness);
        }
    }
}
