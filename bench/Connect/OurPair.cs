using System.Diagnostics;
using System.Net;
using Ice;
using Ice.Core;

namespace Bench;

/// <summary>Two agents of ours.</summary>
internal sealed class OurPair : IPair
{
    /// <summary>What the figures were taken with.</summary>
    public const string Pacer = "5 ms for each agent by itself (a pacer of its own), as in two processes";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly IceAgent _a;
    private readonly IceAgent _b;

    private OurPair(IceAgent a, IceAgent b, PathKind kind)
    {
        (_a, _b) = (a, b);
        CandidatesOfA = Texts(a, kind);
        CandidatesOfB = Texts(b, kind);
    }

    public IReadOnlyList<string> CandidatesOfA { get; }

    public IReadOnlyList<string> CandidatesOfB { get; }

    /// <summary>Makes two agents, and has them gather.</summary>
    public static async Task<IPair> MakeAsync(PairPlan plan, BenchSettings settings)
    {
#pragma warning disable CA2000 // the pair owns them
        IceAgent a = new(Options(plan, IceRole.Controlling, plan.ServerA, settings));
        IceAgent b = new(Options(plan, IceRole.Controlled, plan.ServerB, settings));
#pragma warning restore CA2000
        await Task.WhenAll(GatherAsync(a), GatherAsync(b)).WaitAsync(s_limit);
        return new OurPair(a, b, plan.Kind);
    }

    public async Task<ConnectTimes> ConnectAsync(IReadOnlyList<string> toA, IReadOnlyList<string> toB)
    {
        IceCandidate[] candidatesForA = [.. toA.Select(static text => IceCandidate.Parse(text))];
        IceCandidate[] candidatesForB = [.. toB.Select(static text => IceCandidate.Parse(text))];
        long usableA = 0;
        long usableB = 0;
        _a.SelectedPairChanged += (_, _) => Interlocked.CompareExchange(ref usableA, Stopwatch.GetTimestamp(), 0);
        _b.SelectedPairChanged += (_, _) => Interlocked.CompareExchange(ref usableB, Stopwatch.GetTimestamp(), 0);

        long start = Stopwatch.GetTimestamp();
        Signal(_a, candidatesForA, _b.LocalParameters);
        Signal(_b, candidatesForB, _a.LocalParameters);
        await _a.ConnectAsync().WaitAsync(s_limit);
        await _b.ConnectAsync().WaitAsync(s_limit);
        double selected = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        // The events come in order: when this one is raised, those of the pairs have been.
        await Task.WhenAll(RaisedAsync(() => Interlocked.Read(ref usableA)), RaisedAsync(() => Interlocked.Read(ref usableB))).WaitAsync(s_limit);
        return new ConnectTimes(Stopwatch.GetElapsedTime(start, Math.Max(usableA, usableB)).TotalMilliseconds, selected);
    }

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
    }

    private static async Task RaisedAsync(Func<long> time)
    {
        while (time() == 0)
            await Task.Yield();
    }

    private static async Task GatherAsync(IceAgent agent)
    {
        await foreach (IceCandidate _ in agent.GatherAsync())
        {
        }
    }

    private static IceAgentOptions Options(PairPlan plan, IceRole role, IPEndPoint? server, BenchSettings settings) => new()
    {
        Role = role,
        Pacing = plan.Pacing,
        // The process's own pacer would carry over what the run before has spent.
        Pacer = new Pacer(IceDefaults.MinimumPacing),
        BindAddresses = [IPAddress.Loopback],
        IncludeLoopback = true,
        SocketFactory = settings.SocketFactory,
        Policy = plan.Kind == PathKind.Relayed ? IceTransportPolicy.Relay : IceTransportPolicy.All,
        Servers = plan.Kind switch
        {
            PathKind.ServerReflexive => [new IceServer($"stun:{server}")],
            PathKind.Relayed => [new IceServer($"turn:{server}", PairPlan.User, PairPlan.Password)],
            _ => [],
        },
    };

    private static IReadOnlyList<string> Texts(IceAgent agent, PathKind kind) =>
        [.. agent.LocalCandidates.Select(static candidate => candidate.ToString()).Where(text => text.Contains($" typ {kind.Token()}", StringComparison.Ordinal))];

    private static void Signal(IceAgent to, IceCandidate[] candidates, IceParameters parameters)
    {
        to.SetRemoteParameters(parameters);
        foreach (IceCandidate candidate in candidates)
            to.AddRemoteCandidate(candidate);
        to.AddRemoteCandidate(null);
    }
}
