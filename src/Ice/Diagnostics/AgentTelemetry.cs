using System.Diagnostics;
using Ice.Core;

namespace Ice;

/// <summary>An agent's metrics and activities. Fed by the event loop: listeners are an application's code, which must not run under the lock.</summary>
internal sealed class AgentTelemetry(IceMetrics metrics, IceAgent agent)
{
    private static readonly ActivitySource s_source = new("Ice");
    private static readonly string[] s_typeNames = ["host", "srflx", "prflx", "relay"];

    // Pairs whose first answer was recorded.
    private HashSet<int>? _succeeded;
    private Activity? _gather;
    private Activity? _connect;
    private long? _checkingSince;

    /// <summary>Whether somebody measures what pairs do; <see cref="OnEvent"/> need not see those events otherwise. The same holds for the others.</summary>
    public bool WantsPairs => metrics.CheckRoundTrip.Enabled;

    public bool WantsStates => metrics.ConnectDuration.Enabled || s_source.HasListeners() || _connect is not null;

    public bool WantsSelectedPairs => metrics.PairSelected.Enabled || _connect is not null;

    public bool WantsGathering => _gather is not null;

    /// <summary>Gathering begins, on the application's thread.</summary>
    public void StartGathering()
    {
        metrics.Add(agent);
        _gather = Start("ice.gather");
    }

    /// <summary>The agent has ended.</summary>
    public void Close()
    {
        metrics.Retire(agent);
        Stop(ref _gather, ActivityStatusCode.Unset);
        Stop(ref _connect, ActivityStatusCode.Unset);
    }

    /// <summary>Records an event, on the event loop.</summary>
    public void OnEvent(EventArgs args)
    {
        switch (args)
        {
            case IceStateChangedEventArgs changed:
                OnState(changed);
                break;
            case IceSelectedPairChangedEventArgs { Pair: { Selected: true } pair }:
                OnSelected(pair);
                break;
            case IceCandidatePairEventArgs { Pair: { State: CandidatePairState.Succeeded, RoundTripTime: { } roundTrip } pair } when metrics.CheckRoundTrip.Enabled && (_succeeded ??= []).Add(pair.Id):
                metrics.CheckRoundTrip.Record(roundTrip.TotalSeconds);
                break;
            case IceCandidateEventArgs gathered:
                _gather?.AddEvent(new ActivityEvent("candidate", tags: new ActivityTagsCollection { ["type"] = NameOf(gathered.Candidate.Type) }));
                break;
            case not null when ReferenceEquals(args, EventArgs.Empty):
                Stop(ref _gather, ActivityStatusCode.Ok);
                break;
        }
    }

    private void OnState(IceStateChangedEventArgs changed)
    {
        switch (changed.State)
        {
            case IceConnectionState.Checking:
                _checkingSince = changed.Timestamp;
                _connect ??= Start("ice.connect");
                break;
            case IceConnectionState.Connected:
                if (changed.Previous == IceConnectionState.Checking && _checkingSince is { } since && metrics.ConnectDuration.Enabled)
                    metrics.ConnectDuration.Record(agent.Options.TimeProvider.GetElapsedTime(since, changed.Timestamp).TotalSeconds);
                Stop(ref _connect, ActivityStatusCode.Ok);
                break;
            case IceConnectionState.Failed:
                _connect?.SetTag("ice.reason", changed.Reason.ToString());
                Stop(ref _connect, ActivityStatusCode.Error);
                break;
        }
    }

    private void OnSelected(CandidatePairInfo pair)
    {
        string local = NameOf(pair.Local.Type);
        string remote = NameOf(pair.Remote.Type);
        if (metrics.PairSelected.Enabled)
            metrics.PairSelected.Add(1, new KeyValuePair<string, object?>("local.type", local), new KeyValuePair<string, object?>("remote.type", remote));
        _connect?.AddEvent(new ActivityEvent("nomination", tags: new ActivityTagsCollection { ["local.type"] = local, ["remote.type"] = remote }));
    }

    private static string NameOf(IceCandidateType type) => s_typeNames[(int)type];

    // An activity of the agent is nobody's parent by accident: the caller's stays the current one.
    private static Activity? Start(string name)
    {
        Activity? current = Activity.Current;
        Activity? started = s_source.StartActivity(name);
        Activity.Current = current;
        return started;
    }

    private static void Stop(ref Activity? activity, ActivityStatusCode status)
    {
        Activity? current = Activity.Current;
        activity?.SetStatus(status);
        activity?.Dispose();
        activity = null;
        Activity.Current = current;
    }
}
