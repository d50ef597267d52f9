using System.Runtime.InteropServices;
using Stun;

namespace Ice.Core;

/// <summary>What nominations do: selected pairs, the end of checks, and the states of checklists (RFC 8445 §8.1.2, §8.2).</summary>
internal sealed class Concluder(AgentContext agent)
{
    private List<ComponentId>? _acceptedChanged;
    private int _nominations;

    /// <summary>The paths of this component that data is accepted from have changed.</summary>
    public void ReportAccepted(ComponentId component)
    {
        _acceptedChanged ??= new List<ComponentId>(1);
        if (!_acceptedChanged.Contains(component))
            _acceptedChanged.Add(component);
    }

    public ReadOnlySpan<ComponentId> AcceptedChanged => CollectionsMarshal.AsSpan(_acceptedChanged);

    public void AcceptedReported() => _acceptedChanged = null;

    /// <summary>Sets the nominated flag of a valid pair.</summary>
    public void Nominate(Session session, CandidatePair pair, Instant now)
    {
        pair.NominateOnSuccess = false;
        bool isNew = !pair.Nominated;
        pair.Nominated = true;
        pair.NominationOrder = ++_nominations;
        pair.LastHeardAt = now;
        Checklist list = session.ListOf(pair);
        Select(session, list, pair.Component.Component, now);
        if (isNew)
            session.Checklists.Report(pair);
    }

    /// <summary>The check that nominates was not answered, or refused.</summary>
    public void NominationFailed(Session session, CandidatePair pair)
    {
        // RFC 8445 §7.2.5.3.4: "If the request fails (Section 7.2.5.2), the agent MUST remove the candidate pair from the valid list, set
        // the candidate pair state to Failed"; another valid pair is nominated then, see docs/departures.md.
        pair.ValidLocal = null;
        pair.NominateOnSuccess = false;
        pair.NominationFailed = true;
        Checklist list = session.ListOf(pair);
        if (list.GetSelected(pair.Component.Component) == pair)
            list.SetSelected(pair.Component.Component, null);
    }

    /// <summary>A lite agent takes a check as proof of the path, and a nomination at its word.</summary>
    public void AcceptLite(Session session, LocalCandidate local, RemoteCandidate remote, bool nominated, Instant now)
    {
        // RFC 8445 §7.3.2: "If the controlled agent receives a Binding request with the USE-CANDIDATE attribute set, and if the ICE agent
        // accepts the request, the agent constructs a candidate pair whose local candidate has the transport address on which the request
        // was received, and whose remote candidate is equal to the source transport address of the request that was received."
        if (!nominated)
            return;
        Checklist list = session.Checklists.Lists[local.Stream];
        CandidatePair? pair = list.Find(new IcePath(local.Base.Id, remote.Address)) ?? session.Checklists.AddTriggered(local, remote);
        if (pair is null)
            return;
        pair.ValidLocal ??= local;
        pair.ComputePriority(agent.Role);
        session.Checklists.SetState(pair, CandidatePairState.Succeeded);
        Nominate(session, pair, now);
    }

    /// <summary>RFC 8445 §8.2: two lite agents choose without checks.</summary>
    public void SelectWithoutChecks(Session session, Checklist list, Instant now)
    {
        for (int component = 1; component <= list.ComponentCount; component++)
        {
            CandidatePair? best = null;
            foreach (CandidatePair pair in list.Pairs)
            {
                if (pair.Component.Component == component && (best is null || pair.Priority > best.Priority))
                    best = pair;
            }

            if (best is null || best.Nominated)
                continue;
            best.ValidLocal = best.Local;
            best.ComputePriority(agent.Role);
            session.Checklists.SetState(best, CandidatePairState.Succeeded);
            if (session.Accept(best.Component, best.Path))
                ReportAccepted(best.Component);
            Nominate(session, best, now);
        }
    }

    /// <summary>The priorities of pairs have changed: among several nominated ones another may be the best now.</summary>
    public void Reconsider(Session session, Checklist list, int component, Instant now)
    {
        if (list.GetSelected(component) is not { } before)
            return;
        Select(session, list, component, now);
        if (list.GetSelected(component) is { } after && after != before)
            session.Checklists.Report(after);
    }

    /// <summary>The selected pair is gone: another nominated one takes its place, if there is one.</summary>
    public void Reselect(Session session, Checklist list, int component, Instant now)
    {
        list.SetSelected(component, null);
        Select(session, list, component, now);
    }

    private void Select(Session session, Checklist list, int component, Instant now)
    {
        // RFC 8445 §8.1.1: "If more than one candidate pair is nominated by the controlling agent, and if the controlled agent accepts
        // multiple nominations requests, the agents MUST produce the selected pairs and use the pairs with the highest priority."
        // A pair that the peer has stopped using does not count: some peers move to another one without a restart.
        CandidatePair? best = NominatesOnce(session, list)
            ? list.LastNominated(component)
            : list.BestValid(component, p => p.Nominated && now - p.LastHeardAt < IceDefaults.KeepaliveInterval)
                ?? list.BestValid(component, static p => p.Nominated);
        if (best is null)
            return;
        CandidatePair? before = list.GetSelected(component);
        if (before != best)
        {
            list.SetSelected(component, best);
            if (before is not null)
                session.Checklists.Report(before);
        }

        Conclude(session, list, best);
        UpdateCompletion(list);
    }

    /// <summary>Completes a checklist that has a selected pair for each component.</summary>
    public static void UpdateCompletion(Checklist list)
    {
        if (list.State == ChecklistState.Running && AllSelected(list))
            // RFC 8445 §8.1.2: "Once candidate pairs for each component of a data stream have been nominated, and the state of the checklist
            // associated with the data stream is Running, the ICE agent sets the state of the checklist to Completed."
            list.State = ChecklistState.Completed;
    }

    // RFC 8445 §8.1.2: "the ICE agent MUST remove all candidate pairs for the same component from the checklist and from the triggered-check
    // queue.  If the state of a pair is In-Progress, the agent cancels the In-Progress transaction."
    private void Conclude(Session session, Checklist list, CandidatePair selected)
    {
        bool moreMayBeNominated = agent.Role == IceRole.Controlled
            ? session.Remotes[list.Stream]?.MayNominateAggressively == true
            : agent.Options.AggressiveNomination;
        for (int i = list.Pairs.Length - 1; i >= 0; i--)
        {
            CandidatePair pair = list.Pairs[i];
            if (pair == selected || pair.Component != selected.Component || pair.IsValid || pair.State == CandidatePairState.Failed)
                continue;
            // The checks of better pairs go on when the peer may nominate them yet (RFC 5245 §8.1.2).
            if (moreMayBeNominated && (pair.Priority > selected.Priority || MayRise(list, pair)))
                continue;
            session.Transactions.Cancel(pair);
            list.Remove(pair);
        }
    }

    // A pair that the peer has nominated, and may have selected: its check tells a peer-reflexive candidate's priority, and the higher one that
    // the peer compares by comes with the signalling.
    private static bool MayRise(Checklist list, CandidatePair pair) =>
        pair.NominateOnSuccess && pair.Remote.IsPeerReflexive && !list.EndOfRemoteCandidates;

    // RFC 8445 §8.1.1: "the agent MUST NOT nominate another pair for same component of the data stream within the ICE session."
    // A peer with the ice2 option that nominates another one all the same has seen its first nomination fail: the last one counts.
    private bool NominatesOnce(Session session, Checklist list) =>
        agent.Role == IceRole.Controlled && session.Remotes[list.Stream]?.MayNominateAggressively == false;

    private static bool AllSelected(Checklist list)
    {
        for (int component = 1; component <= list.ComponentCount; component++)
        {
            if (list.GetSelected(component) is null)
                return false;
        }

        return true;
    }
}
