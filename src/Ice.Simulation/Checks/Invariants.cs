using Ice.Core;
using Stun;

namespace Ice.Simulation;

/// <summary>What must hold at every moment of every run. A breach throws <see cref="InvariantViolationException"/> at once, where it happens.</summary>
/// <remarks>
/// At most one selected pair per component; pairs within their limit; new transactions paced; data only on paths with fresh consent; outputs
/// finite and no deadline left behind (<see cref="SimAgent"/> and <see cref="SimNetwork"/> watch these two); no candidate after the end of gathering.
/// </remarks>
public sealed class Invariants : AgentObserver
{
    // RFC 7675 §5.1: "Consent expires after 30 seconds."

    /// <summary>How long consent lasts without an answer.</summary>
    public static readonly TimeSpan ConsentLifetime = TimeSpan.FromSeconds(30);

    private readonly Dictionary<SimAgent, AgentWatch> _watches = [];

    /// <summary>How many checks and gathering transactions were started by all agents.</summary>
    public long Transactions { get; private set; }

    /// <inheritdoc/>
    public override void OnTransmit(SimAgent agent, IcePath path, ReadOnlySpan<byte> message)
    {
        ArgumentNullException.ThrowIfNull(agent);
        AgentWatch watch = Watch(agent);
        path = watch.Envelopes.Open(path, ref message);
        if (!StunMessage.TryParse(message, out StunMessage stun, out StunParseError error))
            throw Violation(agent, $"it sends a message that does not parse ({error})");
        if (stun.Class != StunClass.Request)
            return;
        Instant now = agent.Host.Network.Now;
        if (!watch.Requests.TryAdd(stun.TransactionId, path))
        {
            if (watch.Requests[stun.TransactionId] != path)
                throw Violation(agent, $"it retransmits transaction {stun.TransactionId} over another path");
            return;
        }

        Transactions++;
        // Consent checks keep their own time (RFC 7675 §5.1); from outside they are the requests on a path that data goes over.
        if (!IsSendPath(agent, path))
            CheckPacing(agent, watch, now);
    }

    /// <inheritdoc/>
    public override void OnDatagram(SimAgent agent, IcePath path, ReadOnlySpan<byte> datagram, InputResult result)
    {
        if (result != InputResult.Handled)
            return;
        AgentWatch watch = Watch(agent);
        path = watch.Envelopes.Open(path, ref datagram);
        if (!StunMessage.TryParse(datagram, out StunMessage stun, out _) || stun.Class != StunClass.SuccessResponse)
            return;
        if (watch.Requests.TryGetValue(stun.TransactionId, out IcePath asked) && asked == path)
            watch.Answered[path] = agent.Host.Network.Now;
    }

    /// <inheritdoc/>
    public override void OnData(SimAgent agent, ComponentId component, IcePath path)
    {
        ArgumentNullException.ThrowIfNull(agent);
        // RFC 7675 §1: "Consent is obtained only by full ICE implementations."
        if (!agent.Options.Core.Consent || agent.Options.Core.Mode == IceMode.Lite)
            return;
        if (!Watch(agent).Answered.TryGetValue(RelayEnvelopes.Normalize(path), out Instant answered))
            throw Violation(agent, $"data of component {component} goes over {path}, where no check was ever answered");
        TimeSpan age = agent.Host.Network.Now - answered;
        // RFC 7675 §5.1: "if a valid STUN binding response has not been received from the remote peer's transport address in 30 seconds,
        // the endpoint MUST cease transmission on that 5-tuple."
        if (age > ConsentLifetime + agent.Options.TimerSlack)
            throw Violation(agent, $"data of component {component} goes over {path}, whose consent is {age.TotalSeconds:0.###} s old");
    }

    /// <inheritdoc/>
    public override void OnEvent(SimAgent agent, IceEvent happened)
    {
        AgentWatch watch = Watch(agent);
        switch (happened)
        {
            case IceEvent.Restarted:
                watch.GatheringEnded = false;
                break;
            case IceEvent.GatheringCompleted when watch.GatheringEnded:
                throw Violation(agent, "it completes gathering twice in one session");
            case IceEvent.GatheringCompleted:
                watch.GatheringEnded = true;
                break;
            case IceEvent.LocalCandidate late when watch.GatheringEnded:
                throw Violation(agent, $"it finds {late.Candidate} after it said that gathering is complete");
            default:
                break;
        }
    }

    /// <inheritdoc/>
    public override void OnDrained(SimAgent agent, Instant now, int transmits, int events)
    {
        if (events > 0)
            CheckPairs(agent);
    }

    private static void CheckPairs(SimAgent agent)
    {
        IReadOnlyList<CandidatePairInfo> pairs = agent.Core.GetPairs();
        if (pairs.Count > agent.Options.Core.MaxPairs)
            throw Violation(agent, $"it has {pairs.Count} pairs, and may have {agent.Options.Core.MaxPairs}");
        if (agent.Core.GetRemoteCandidates().Count > IceDefaults.MaxRemoteCandidates || agent.Core.GetLocalCandidates().Count > IceDefaults.MaxLocalCandidates)
            throw Violation(agent, "it has more candidates than IceDefaults allows");
        for (int i = 0; i < pairs.Count; i++)
        {
            if (!pairs[i].Selected)
                continue;
            for (int j = i + 1; j < pairs.Count; j++)
                if (pairs[j].Selected && pairs[j].Component == pairs[i].Component)
                    throw Violation(agent, $"component {pairs[i].Component} has two selected pairs: {pairs[i].Path} and {pairs[j].Path}");
        }
    }

    // Between transactions at least Ta, save the documented burst: a token bucket.
    private static void CheckPacing(SimAgent agent, AgentWatch watch, Instant now)
    {
        TimeSpan interval = agent.Options.Core.Pacing;
        int burst = IceDefaults.UrgentBurst;
        if (agent.Options.Core.Traversal is { } traversal)
        {
            // Probes look like checks: both budgets together are what must hold.
            interval = TimeSpan.FromSeconds(1 / ((1 / interval.TotalSeconds) + traversal.ProbesPerSecond));
            burst += 2;
        }

        if (watch.IsPaced && now < watch.NextTransaction - (interval * burst))
        {
            TimeSpan early = watch.NextTransaction - now;
            throw Violation(agent, $"it starts transactions faster than Ta ({interval.TotalMilliseconds} ms): this one is {early.TotalMilliseconds:0.###} ms early, with {burst} allowed ahead");
        }

        watch.NextTransaction = (watch.IsPaced ? Instant.Max(watch.NextTransaction, now) : now) + interval;
        watch.IsPaced = true;
    }

    private static bool IsSendPath(SimAgent agent, IcePath path)
    {
        foreach (SimBase at in agent.Bases)
            if (agent.GetSendPath(at.Component) is { } sends && RelayEnvelopes.Normalize(sends.Path) == path)
                return true;
        return false;
    }

    private static InvariantViolationException Violation(SimAgent agent, string what) =>
        new($"{agent.Name} at {agent.Host.Network.Clock.Elapsed}: {what}.");

    private AgentWatch Watch(SimAgent agent)
    {
        if (!_watches.TryGetValue(agent, out AgentWatch? watch))
            _watches.Add(agent, watch = new AgentWatch());
        return watch;
    }
}
