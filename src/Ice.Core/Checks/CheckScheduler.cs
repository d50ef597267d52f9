using Stun;

namespace Ice.Core;

/// <summary>Decides which transaction starts next: a triggered check, an ordinary check or a request to a server, Ta apart (RFC 8445 §6.1.4).</summary>
internal sealed class CheckScheduler(AgentContext agent, CheckSender sender)
{
    private bool _gatheringTurn = true;

    /// <summary>When the next token is there for what is waiting; Never when nothing waits.</summary>
    public Instant NextAt { get; private set; } = Instant.Never;

    /// <summary>Starts all transactions that may start now.</summary>
    public void Run(Session session, Instant now)
    {
        NextAt = Instant.Never;
        // RFC 8445 §7: "a lite implementation only acts as a STUN server (as it does not generate connectivity checks)"
        if (agent.IsLite)
            return;
        bool behindPermission = false;
        while (true)
        {
            Checklist? triggered = FindTriggered(session);
            (Checklist List, CandidatePair Pair)? ordinary = triggered is null ? FindOrdinary(session) : null;
            bool anyToGather = session.Gatherer.HasWaiting || agent.Relays.HasWaiting;
            // What a relay needs urgently is the permission for a check. Saved tokens are for it only where no direct pair has use for them.
            bool urgentRelay = agent.Relays.WaitingIsUrgent && ordinary is null && !session.Checklists.HasValidPair;
            // The very first check leaves before anything of the kind: as a rule it is of the best pair, and finds the path.
            // It does not wait for the Ta of a request to a server either.
            bool gatheringGoesFirst = session.Checklists.ChecksStarted && (_gatheringTurn || urgentRelay);
            bool gather = triggered is null && anyToGather && (ordinary is null || gatheringGoesFirst);
            if (triggered is null && ordinary is null && !gather)
                return;
            bool isFirst = ordinary is not null && !session.Checklists.ChecksStarted;
            // A check through a relay leaves right behind the permission that was asked for because of it.
            bool urgent = triggered is not null || (gather && urgentRelay) || (behindPermission && ordinary?.Pair.Local.Base.Relay is not null);
            if (!agent.Pacing.TryTake(now, urgent, isFirst, out Instant retryAt))
            {
                NextAt = retryAt;
                return;
            }

            if (gather)
            {
                if (urgentRelay || !session.Gatherer.HasWaiting)
                    agent.Relays.StartNext(now);
                else
                    session.Gatherer.StartNext(now);
                _gatheringTurn = false;
                behindPermission = urgentRelay;
                continue;
            }

            _gatheringTurn = true;
            behindPermission = false;
            Checklist list = triggered ?? ordinary!.Value.List;
            // RFC 8445 §6.1.4.2: "the agent removes the top pair from the queue, performs a connectivity check on that pair, puts the
            // candidate pair state to In-Progress"
            CandidatePair pair = triggered?.TakeTriggered() ?? ordinary!.Value.Pair;
            session.Checklists.TurnTaken(list);
            sender.SendCheck(session, pair, now);
        }
    }

    // Triggered checks of every list go before ordinary ones of any: they answer a peer whose path is open now.
    private static Checklist? FindTriggered(Session session)
    {
        foreach (Checklist list in session.Checklists.InTurn())
        {
            if (list.TriggeredCount > 0 && list.State != ChecklistState.Failed && session.Remotes[list.Stream] is not null)
                return list;
        }

        return null;
    }

    private static (Checklist List, CandidatePair Pair)? FindOrdinary(Session session)
    {
        foreach (Checklist list in session.Checklists.InTurn())
        {
            if (list.State != ChecklistState.Running || session.Remotes[list.Stream] is null)
                continue;
            session.Checklists.ThawIdleFoundations(list);
            // RFC 8445 §6.1.4.2: "So, without waiting for timer Ta to expire again, select the next checklist in the Running state and
            // return to step #1."
            if (list.FirstWaiting() is { } pair)
                return (list, pair);
        }

        return null;
    }
}
