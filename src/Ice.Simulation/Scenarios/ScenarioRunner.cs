using Ice.Core;

namespace Ice.Simulation;

/// <summary>Runs a <see cref="Scenario"/> to its end and judges it: by the invariants, by the oracle, and by what each side sees of the other.</summary>
public sealed class ScenarioRunner
{
    /// <summary>The most virtual time that a session may take to connect or to fail.</summary>
    /// <remarks>
    /// Longer than any needs: the retransmission timeout grows with Ta and the number of pairs (RFC 8445 §14.3), and 50 pairs at a Ta of 100 ms
    /// take 79 times 5 s until the last has failed, after a minute of gathering.
    /// </remarks>
    public static readonly TimeSpan SessionLimit = TimeSpan.FromMinutes(15);

    private readonly ScenarioWorld _world;
    private readonly Invariants _invariants = new();
    private readonly List<string> _problems = [];
    private readonly LossLedger _ledger = new();
    private TimeSpan? _timeToConnected;
    private string? _lostToChance;

    private ScenarioRunner(ScenarioWorld world)
    {
        _world = world;
        world.Network.AddTap(_ledger);
    }

    /// <summary>Runs a scenario.</summary>
    /// <param name="scenario">What to run.</param>
    /// <param name="capture">Where to write a pcapng capture; null for none. It is left open.</param>
    /// <param name="log">Where to write what the agents do; null for nowhere.</param>
    public static ScenarioResult Run(Scenario scenario, Stream? capture = null, TextWriter? log = null)
    {
        var world = new ScenarioWorld(scenario);
        if (log is not null)
        {
            var observer = new EventLog(log);
            world.Offerer.AddObserver(observer);
            world.Answerer.AddObserver(observer);
        }

        using var hash = new TraceHash();
        world.Network.AddTap(hash);
        using PcapNgWriter? writer = capture is null ? null : new PcapNgWriter(capture, world.Network.Clock, leaveOpen: true);
        if (writer is not null)
            world.Network.AddTap(writer);
        return new ScenarioRunner(world).Run(hash);
    }

    private ScenarioResult Run(TraceHash hash)
    {
        ScenarioOutcome outcome = ScenarioOutcome.Undecided;
        try
        {
            outcome = RunSessions();
        }
        catch (InvariantViolationException violation)
        {
            _problems.Add(violation.Message);
        }

        return new ScenarioResult
        {
            Scenario = _world.Scenario,
            Oracle = _world.Oracle,
            Outcome = outcome,
            IsRelayed = IsRelayed(),
            TimeToConnected = _timeToConnected,
            Elapsed = _world.Network.Clock.Elapsed,
            Offerer = Describe(_world.Offerer),
            Answerer = Describe(_world.Answerer),
            TraceHash = hash.Current(),
            Transactions = _invariants.Transactions,
            LostToChance = _lostToChance,
            Problems = _problems,
        };
    }

    private static string Describe(SimAgent agent) =>
        $"{agent.State} as {agent.Core.Role}{(agent.Reason == IceFailureReason.None ? "" : $" ({agent.Reason}: {agent.Explanation})")}";

    private ScenarioOutcome RunSessions()
    {
        _world.Offerer.AddObserver(_invariants);
        _world.Answerer.AddObserver(_invariants);
        if (_world.Scenario.AnswererGathersEarly)
            _world.Answerer.Gather();
        _world.Signaling.Start();
        ScheduleData();
        ScenarioOutcome outcome = RunSession(0);
        JudgeOutcome(outcome);
        int session = 0;
        foreach (RestartScenario restart in _world.Scenario.Restarts)
        {
            if (outcome != ScenarioOutcome.Connected)
                break;
            _world.Network.RunFor(restart.After);
            _world.SetTrouble(true);
            _world.Signaling.Restart(restart.ByOfferer ? _world.Offerer : _world.Answerer);
            outcome = RunSession(++session);
            JudgeOutcome(outcome);
        }

        return outcome;
    }

    /// <summary>Runs until both agents have ended a session, one way or the other; then lets the network calm down.</summary>
    private ScenarioOutcome RunSession(int session)
    {
        _ = _world.Network.RunUntil(() => HasEnded(_world.Offerer, session) && HasEnded(_world.Answerer, session), SessionLimit);
        if (session == 0 && AreBoth(IceConnectionState.Connected))
            _timeToConnected = _world.Network.Clock.Elapsed;
        _world.SetTrouble(false);
        if (!AreBoth(IceConnectionState.Connected))
            return AreBoth(IceConnectionState.Failed) ? ScenarioOutcome.Failed : ScenarioOutcome.Undecided;
        _world.Network.RunFor(TimeSpan.FromSeconds(5));
        return AreBoth(IceConnectionState.Connected) ? ScenarioOutcome.Connected : ScenarioOutcome.Undecided;
    }

    private static bool HasEnded(SimAgent agent, int session) =>
        agent.State is IceConnectionState.Connected or IceConnectionState.Failed && Sessions(agent) == session;

    private static int Sessions(SimAgent agent) => agent.Log.Count(entry => entry.Event is IceEvent.Restarted);

    private bool AreBoth(IceConnectionState state) => _world.Offerer.State == state && _world.Answerer.State == state;

    private void JudgeOutcome(ScenarioOutcome outcome)
    {
        switch (outcome)
        {
            case ScenarioOutcome.Connected:
                JudgePath();
                if (_world.Offerer.Core.Role == _world.Answerer.Core.Role)
                    _problems.Add($"both agents are {_world.Offerer.Core.Role}");
                JudgeMirror();
                JudgeGathering();
                break;
            case ScenarioOutcome.Failed:
                if (_world.Oracle.PathExists && !IsLostToChance())
                    _problems.Add("the agents failed where there is a path");
                JudgeReason(_world.Offerer);
                JudgeReason(_world.Answerer);
                break;
            // One whose checks were all lost fails; the other, which was answered, cannot know.
            case ScenarioOutcome.Undecided when OneFailed() && IsLostToChance():
                break;
            default:
                _problems.Add($"after {SessionLimit} the agents have not come to the same end");
                break;
        }
    }

    private bool IsRelayed() => IsRelayed(_world.Offerer) || IsRelayed(_world.Answerer);

    private static bool IsRelayed(SimAgent agent) => agent.Core.GetSelectedPair(ComponentId.First)?.Local.Type == IceCandidateType.Relayed;

    private void JudgePath()
    {
        Reachability oracle = _world.Oracle;
        bool relayed = IsRelayed();
        if (!relayed && oracle.Direct == DirectPath.Impossible)
            _problems.Add("the agents connected directly where the oracle sees no path");
        // Where packets are lost, the direct path may be found too late.
        if (relayed && oracle.Direct == DirectPath.Certain && !HasTrouble())
            _problems.Add("the agents use a relay where there is a direct path");
        if (_timeToConnected > oracle.Within && !HasTrouble() && _world.Scenario.Streams is [1])
            _problems.Add($"it took the agents {_timeToConnected} to connect, and they had {oracle.Within}");
    }

    private bool HasTrouble() =>
        _world.Scenario.Offerer.Interfaces.Concat(_world.Scenario.Answerer.Interfaces)
            .Any(static nic => nic.Link.Loss != LossModel.None || nic.Link.Reorder > 0 || nic.Link.Duplicate > 0);

    private bool OneFailed() =>
        _world.Offerer.State == IceConnectionState.Failed || _world.Answerer.State == IceConnectionState.Failed;

    private bool IsLostToChance()
    {
        _lostToChance = _ledger.FindLostToChance();
        return _lostToChance is not null;
    }

    private void JudgeReason(SimAgent agent)
    {
        if (agent.Reason == IceFailureReason.None || string.IsNullOrWhiteSpace(agent.Explanation))
            _problems.Add($"{agent.Name} failed without saying why");
    }

    // A silent server takes 39.5 s, more with many candidates: once connected, gathering must come to its end all the same.
    private void JudgeGathering()
    {
        if (!_world.Network.RunUntil(() => HasGathered(_world.Offerer) && HasGathered(_world.Answerer), TimeSpan.FromMinutes(3)))
            _problems.Add("gathering has not come to its end");
    }

    private static bool HasGathered(SimAgent agent) => agent.Core.GatheringState == GatheringState.Complete;

    /// <summary>Once quiet, what one side sends over its selected pair must arrive at the socket, and from the address, of the other side's.</summary>
    private void JudgeMirror()
    {
        foreach (ComponentId component in _world.Components)
        {
            JudgeArrival(component, _world.Offerer, _world.Answerer);
            JudgeArrival(component, _world.Answerer, _world.Offerer);
        }
    }

    private void JudgeArrival(ComponentId component, SimAgent from, SimAgent to)
    {
        string text = $"probe {component} at {_world.Network.Clock.Elapsed}";
        if (from.Core.GetSelectedPair(component) is not { } sent || !from.SendData(component, text))
        {
            _problems.Add($"{from.Name} is connected, but component {component} has no selected pair");
            return;
        }

        int rejected = to.RejectedData;
        _world.Network.RunFor(TimeSpan.FromSeconds(1));
        ReceivedData? arrived = to.Received.LastOrDefault(data => data.Text == text);
        CandidatePairInfo? expected = to.Core.GetSelectedPair(component);
        if (arrived is null)
            _problems.Add($"data of {from.Name} over {sent.Path} of component {component} {(to.RejectedData > rejected ? "was not accepted" : "did not arrive")}");
        else if (expected is null || arrived.Component != component || arrived.Path != expected.Path)
            _problems.Add($"component {component}: data of {from.Name} arrives over {arrived.Path}, but {to.Name} selected {expected?.Path}");
    }

    // The application talks as soon as it can, so that consent and accepted paths are tried during the run, not only at its end.
    private void ScheduleData()
    {
        foreach (SimAgent agent in new[] { _world.Offerer, _world.Answerer })
        {
            foreach (ComponentId component in _world.Components)
                _ = agent.SendData(component, "data");
        }

        _world.Network.Schedule(TimeSpan.FromSeconds(1), ScheduleData);
    }
}
