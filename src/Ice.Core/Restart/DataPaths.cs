using System.Collections.Immutable;
using Stun;

namespace Ice.Core;

/// <summary>Over which pair each component's data goes, and from where it is accepted (RFC 8445 §12), also across a restart (§9).</summary>
internal sealed class DataPaths
{
    private readonly AgentContext _agent;
    private readonly Concluder _concluder;
    private readonly ConsentMonitor[] _monitors;
    private readonly Reported[] _reported;

    public DataPaths(AgentContext agent, CheckSender sender, Concluder concluder)
    {
        _agent = agent;
        _concluder = concluder;
        _monitors = [.. agent.Options.Streams.SelectMany(static (count, stream) => Enumerable.Range(1, count).Select(c => new ComponentId(stream, c)))
            .Select(component => new ConsentMonitor(agent, sender, component))];
        _reported = new Reported[_monitors.Length];
    }

    public Instant NextAt
    {
        get
        {
            Instant next = Instant.Never;
            foreach (ConsentMonitor monitor in _monitors)
                next = Instant.Min(next, monitor.NextAt);
            return next;
        }
    }

    /// <summary>Whether some component's path has gone silent.</summary>
    public bool AnySilent => Array.Exists(_monitors, static m => m.IsSilent);

    public ConsentMonitor GetMonitor(ComponentId component)
    {
        foreach (ConsentMonitor monitor in _monitors)
        {
            if (monitor.Component == component)
                return monitor;
        }

        throw new ArgumentOutOfRangeException(nameof(component), component, "The agent has no such component: see IceCoreOptions.Streams.");
    }

    /// <summary>Sends consent checks and keepalives; ends the paths whose consent has expired.</summary>
    public void Tick(Instant now)
    {
        foreach (ConsentMonitor monitor in _monitors)
        {
            if (monitor.Tick(now))
                continue;
            string explanation = monitor.Pair!.ConsentLost ? "the peer revoked its consent (403)" : "consent has expired: no answer for 30 s";
            Lose(monitor, IceFailureReason.ConsentExpired, explanation, now);
        }
    }

    /// <summary>Ends the path that a component's data takes.</summary>
    public void Lose(ConsentMonitor monitor, IceFailureReason reason, string explanation, Instant now)
    {
        if (monitor.Pair is not { } pair || monitor.Session is not { } session)
            return;
        pair.ConsentLost |= reason == IceFailureReason.ConsentExpired;
        pair.ValidLocal = null;
        pair.Nominated = false;
        pair.NominateOnSuccess = false;
        pair.FailureReason = explanation;
        Checklist list = session.ListOf(pair);
        // A nomination that is still being repeated would undo the next one at the peer, and goes over a path that may no longer be used.
        list.Untrigger(pair);
        session.Transactions.RemoveWhere(t => t.Check?.Pair == pair);
        session.Checklists.SetState(pair, CandidatePairState.Failed);
        if (list.GetSelected(monitor.Component.Component) != pair)
            return;
        _concluder.Reselect(session, list, monitor.Component.Component, now);
        if (list.GetSelected(monitor.Component.Component) is not null)
            return;
        // RFC 7675 §5.1: "After consent is lost, the same ICE credentials MUST NOT be used on the affected 5-tuple again.  That means that a
        // new session, or an ICE restart, is needed"
        list.State = ChecklistState.Failed;
        list.FailureReason = reason;
        list.FailureDetail = explanation;
    }

    /// <summary>Chooses the paths anew and reports what changed.</summary>
    public void Update(Session current, Session? previous, bool closed, Instant now)
    {
        for (int i = 0; i < _monitors.Length; i++)
        {
            ConsentMonitor monitor = _monitors[i];
            (Session? session, CandidatePair? pair) = closed ? (null, null) : Choose(current, previous, monitor.Component, now);
            monitor.Watch(session, pair, now);
            bool selected = pair is not null && session!.ListOf(pair).GetSelected(monitor.Component.Component) == pair;
            // RFC 8445 §7.2.1: "It is RECOMMENDED that the agent defer creation of a TURN channel until ICE completes"
            if (selected && pair!.Local.Base.Relay?.IsAllocated == true)
                pair.Local.Base.Relay.Client!.BindChannel(pair.Remote.Address, now);
            RelayRoute? route = pair?.Local.Base.Relay?.RouteTo(pair.Remote.Address);
            var state = new Reported(pair, pair?.ValidLocal, pair?.Nominated == true, selected, route);
            if (_reported[i] == state)
                continue;
            _reported[i] = state;
            _agent.Events.Add(new IceEvent.SendPathChanged(monitor.Component, pair?.Describe(selected)) { Relay = route });
        }

        foreach (ComponentId component in _concluder.AcceptedChanged)
        {
            ImmutableArray<IcePath> paths = current.GetAccepted(component);
            if (previous is not null)
                paths = [.. paths.Union(previous.GetAccepted(component))];
            _agent.Events.Add(new IceEvent.AcceptedPathsChanged(component, paths));
        }

        _concluder.AcceptedReported();
    }

    private (Session? Session, CandidatePair? Pair) Choose(Session current, Session? previous, ComponentId component, Instant now)
    {
        Checklist list = current.Checklists.Lists[component.Stream];
        // RFC 8445 §12.1: "Unless an agent is able to produce a selected pair for each component associated with a data stream, the agent
        // MUST NOT continue sending data for any component associated with that data stream."
        if (list.State == ChecklistState.Failed)
            return (null, null);
        // RFC 8445 §12.1.1: "A lite implementation MUST NOT send data until it has a valid list that contains a candidate pair for each
        // component of that data stream."
        if ((!_agent.IsLite || list.State == ChecklistState.Completed) && list.GetSelected(component.Component) is { } selected)
            return (current, selected);
        // RFC 8445 §12.1: "equal to the previous selected pair for a component of a data stream if the state of the checklist for that data
        // stream is Running, and there was a previous selected pair for that component due to an ICE restart"
        if (previous?.Checklists.Lists[component.Stream].GetSelected(component.Component) is { IsValid: true } before)
            return (previous, before);
        // RFC 8445 §12.1: "An ICE agent MAY send data on any valid pair before selected pairs have been produced for the data stream."
        return !_agent.IsLite && list.BestWithConsent(component.Component, _agent, now) is { } valid ? (current, valid) : (null, null);
    }

    private readonly record struct Reported(CandidatePair? Pair, LocalCandidate? ValidLocal, bool Nominated, bool Selected, RelayRoute? Route);
}
