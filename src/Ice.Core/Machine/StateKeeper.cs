using Stun;

namespace Ice.Core;

/// <summary>When a checklist has failed, and what the agent's state is (RFC 8445 §6.1.3, §7.2.5.4, §8.1.2; RFC 8863).</summary>
internal sealed class StateKeeper(AgentContext agent)
{
    public IceConnectionState State { get; private set; }

    /// <summary>When a checklist may fail by the passing of time alone.</summary>
    public Instant NextAt { get; private set; } = Instant.Never;

    public void Restarted()
    {
        if (State != IceConnectionState.New)
            Change(IceConnectionState.Checking, IceFailureReason.None, null);
    }

    public void Close() => Change(IceConnectionState.Closed, IceFailureReason.None, null);

    /// <summary>Fails the checklists from which nothing can come any more.</summary>
    public void Conclude(Session session, Instant now)
    {
        NextAt = Instant.Never;
        if (State == IceConnectionState.Closed)
            return;
        foreach (Checklist list in session.Checklists.Lists)
        {
            if (list.State == ChecklistState.Running)
                FailWhenOver(session, list, now);
        }
    }

    /// <summary>Tells what the state is now, after the paths: who hears of a failure can send no more, who hears of a connection can.</summary>
    public void Update(Session session, bool anySilent)
    {
        if (State == IceConnectionState.Closed)
            return;
        if (session.IsRunning)
        {
            if (State == IceConnectionState.New && Array.Exists(session.Remotes, static r => r is not null))
                Change(IceConnectionState.Checking, IceFailureReason.None, null);
            return;
        }

        // RFC 8445 §8.1.2: "If the controlling agent does not want to continue the session and MUST terminate the session, the state of the
        // ICE session is set to Failed."
        if (Array.Find(session.Checklists.Lists, static l => l.State == ChecklistState.Failed) is { } failed)
            Change(IceConnectionState.Failed, failed.FailureReason, Explain(session, failed));
        else if (anySilent)
            Change(IceConnectionState.Disconnected, IceFailureReason.NotAnswering, "The peer has not answered and no data has come for 12 s. It may come back; consent expires 30 s after its last answer.");
        else
            Change(IceConnectionState.Connected, IceFailureReason.None, null);
    }

    private void Change(IceConnectionState state, IceFailureReason reason, string? explanation)
    {
        if (State == state)
            return;
        State = state;
        agent.Events.Add(new IceEvent.StateChanged(state, reason, explanation));
    }

    private void FailWhenOver(Session session, Checklist list, Instant now)
    {
        // RFC 8863 §4: "While the timer is still running, the ICE agent MUST NOT update a checklist state from Running to Failed, even if
        // there are no pairs left in the checklist to check."
        if (now < session.PatienceEndsAt)
        {
            NextAt = Instant.Min(NextAt, session.PatienceEndsAt);
            return;
        }

        // RFC 8445 §6.1.2.1: "all of the candidate pairs in the checklist are in either the Failed or the Succeeded state"
        if (!list.AllChecksEnded() && !agent.IsLite)
            return;
        // RFC 8838 §8: "all candidate gathering has completed, and the agent is not expecting to discover any new local candidates"
        if (session.Gatherer.IsAsking)
            return;
        bool allValid = true;
        for (int component = 1; component <= list.ComponentCount; component++)
            allValid &= list.HasValidPair(component);
        // RFC 8838 §8: "all candidate gathering has completed, and the agent is not expecting to discover any new local candidates; and ...
        // the remote agent has conveyed an end-of-candidates indication for that checklist"
        bool nothingToCome = session.Gatherer.State == GatheringState.Complete && list.EndOfRemoteCandidates;
        Instant quietAt = session.LastProgressAt + agent.Options.PatienceTimeout;
        if (now < quietAt && (allValid || !nothingToCome))
        {
            NextAt = Instant.Min(NextAt, quietAt);
            return;
        }

        list.State = ChecklistState.Failed;
        list.FailureReason = allValid ? IceFailureReason.NotNominated : ReasonOf(session, list);
    }

    private static IceFailureReason ReasonOf(Session session, Checklist list)
    {
        if (!session.Candidates.Local.Any(c => c.Stream == list.Stream))
            return IceFailureReason.NoLocalCandidates;
        if (!session.Candidates.Remote.Any(c => c.Component.Stream == list.Stream))
            return IceFailureReason.NoRemoteCandidates;
        return list.Pairs.Length == 0 ? IceFailureReason.NoCandidatePairs : IceFailureReason.AllChecksFailed;
    }

    private static string Explain(Session session, Checklist list)
    {
        string where = session.Checklists.Lists.Length > 1 ? $" (data stream {list.Stream})" : "";
        return list.FailureReason switch
        {
            IceFailureReason.NoLocalCandidates => $"There is no local candidate{where}: no interface has a usable address, or filters exclude all. Check the interface and address filters.",
            IceFailureReason.NoRemoteCandidates => $"No candidate of the peer was signalled and none of its checks arrived{where}. Check that signalling delivers candidates, and that the peer is reachable.",
            IceFailureReason.NoCandidatePairs => $"No local candidate fits any remote one{where}: different address families, transports or components. Offer both IPv4 and IPv6 where possible.",
            IceFailureReason.NotNominated => $"A path works, but the controlling peer nominated none in time{where}.",
            IceFailureReason.ConsentExpired => $"The peer has not answered for 30 s, so consent to send has expired{where} (RFC 7675). Restart ICE to find a path again.",
            IceFailureReason.InterfaceLost => $"The local interface of the selected pair went away{where}. Restart ICE on the remaining interfaces.",
            IceFailureReason.SocketsClosed => list.FailureDetail!,
            IceFailureReason.RelayLost => $"The relay of the selected pair was lost{where}: its TURN server no longer has the allocation, or cannot be reached ({list.FailureDetail}). Restart ICE to ask for a new one.",
            _ => $"All {list.Pairs.Length} candidate pairs were checked and none works{where}: {FirstFailure(list)}. A TURN server would give a relayed path.",
        };
    }

    private static string FirstFailure(Checklist list)
    {
        CandidatePair? pair = list.Pairs.FirstOrDefault(static p => p.FailureReason is not null);
        return pair is null ? "no answers" : $"{pair.Local.Info.Address} to {pair.Remote.Address}: {pair.FailureReason}";
    }
}
