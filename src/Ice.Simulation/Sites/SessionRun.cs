using Ice.Core;
using Stun;

namespace Ice.Simulation;

/// <summary>Runs one session until both agents are connected or have failed. Sessions share nothing: run as many at once as there are cores.</summary>
public static class SessionRun
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    /// <summary>Runs a session.</summary>
    /// <param name="plan">What to run.</param>
    /// <param name="capture">Where to write a pcapng capture; null for none. It is left open.</param>
    public static SessionResult Run(SessionPlan plan, Stream? capture = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var world = new ScenarioWorld(plan.Scenario);
        using PcapNgWriter? writer = capture is null ? null : new PcapNgWriter(capture, world.Network.Clock, leaveOpen: true);
        if (writer is not null)
            world.Network.AddTap(writer);
        var data = new DataWatch();
        world.Offerer.AddObserver(data);
        world.Answerer.AddObserver(data);
        world.Signaling.Start();
        _ = world.Network.RunUntil(() => HasEnded(world.Offerer) && HasEnded(world.Answerer), s_limit);
        TimeSpan time = world.Network.Clock.Elapsed;
        bool connected = world.Offerer.State == IceConnectionState.Connected && world.Answerer.State == IceConnectionState.Connected;
        // A capture shows a little of what comes then, too.
        if (writer is not null)
            world.Network.RunFor(TimeSpan.FromSeconds(6));
        SessionEnd end = !connected ? SessionEnd.Failed : IsRelayed(world.Offerer) || IsRelayed(world.Answerer) ? SessionEnd.Relayed : SessionEnd.Direct;
        return new SessionResult(plan, end, time, world.Oracle, connected ? null : WhyFailed(world))
        {
            TimeToData = data.Ready is { } ready ? ready - plan.Scenario.Origin : null,
            Probes = world.Offerer.Core.ProbesSent + world.Answerer.Core.ProbesSent,
        };
    }

    private static bool HasEnded(SimAgent agent) => agent.State is IceConnectionState.Connected or IceConnectionState.Failed;

    private static bool IsRelayed(SimAgent agent) => agent.Core.GetSelectedPair(ComponentId.First)?.Local.Type == IceCandidateType.Relayed;

    private static string WhyFailed(ScenarioWorld world)
    {
        SimAgent failed = world.Offerer.State == IceConnectionState.Failed ? world.Offerer : world.Answerer;
        return failed.Explanation ?? $"the agents came to no end: {world.Offerer.State} and {world.Answerer.State}";
    }

    /// <summary>Notes when both agents have somewhere to send data to.</summary>
    private sealed class DataWatch : AgentObserver
    {
        private readonly HashSet<SimAgent> _ready = [];

        public Instant? Ready { get; private set; }

        public override void OnEvent(SimAgent agent, IceEvent happened)
        {
            if (happened is IceEvent.SendPathChanged { Pair: not null } && _ready.Add(agent) && _ready.Count == 2)
                Ready = agent.Host.Network.Now;
        }
    }
}
