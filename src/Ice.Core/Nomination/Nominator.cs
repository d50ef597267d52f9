using Stun;

namespace Ice.Core;

/// <summary>Decides when the controlling agent nominates, and which pair (RFC 8445 §8.1.1).</summary>
/// <remarks>
/// A valid pair is nominated as soon as no better one can still win: all better pairs have failed, or they have had time enough to answer.
/// It never waits longer than <see cref="IceDefaults.NominationPatience"/> after the first valid pair of its component; where that goes through
/// a relay, and carries data meanwhile, no longer than <see cref="IceDefaults.RelayedNominationPatience"/>.
/// </remarks>
internal sealed class Nominator(AgentContext agent)
{
    /// <summary>When to look again; Never when nothing is waited for.</summary>
    public Instant NextAt { get; private set; } = Instant.Never;

    public void Evaluate(Session session, Instant now)
    {
        NextAt = Instant.Never;
        if (agent.Role != IceRole.Controlling || agent.IsLite || agent.Options.AggressiveNomination)
            return;
        foreach (Checklist list in session.Checklists.Lists)
        {
            if (list.State != ChecklistState.Running)
                continue;
            for (int component = 1; component <= list.ComponentCount; component++)
                Evaluate(session, list, component, now);
        }
    }

    private void Evaluate(Session session, Checklist list, int component, Instant now)
    {
        // RFC 8445 §8.1.1: "the agent MUST NOT nominate another pair for same component of the data stream within the ICE session."
        if (list.GetSelected(component) is not null || IsNominating(list, component))
            return;
        CandidatePair? best = list.BestValid(component, static p => !p.NominationFailed);
        if (best is null)
            return;
        Instant waitUntil = WaitUntil(session, list, best, FirstValidAt(list, component));
        // A relayed pair carries the data meanwhile (RFC 8445 §12.1), and is nominated when the time for finding a direct one is over.
        if (best.IsRelayed && session.Prober is { } prober)
            waitUntil = Instant.Max(waitUntil, prober.HopesUntil(best.Component, now));
        if (now < waitUntil)
        {
            NextAt = Instant.Min(NextAt, waitUntil);
            return;
        }

        // RFC 8445 §8.1.1: "it repeats the connectivity check that produced this valid pair (by enqueueing the pair that generated the check
        // into the triggered-check queue), this time with the USE-CANDIDATE attribute"
        best.NominateOnSuccess = true;
        list.Trigger(best);
    }

    /// <summary>Until when better pairs are worth waiting for.</summary>
    private Instant WaitUntil(Session session, Checklist list, CandidatePair best, Instant firstValidAt)
    {
        Instant patienceEnds = firstValidAt + IceDefaults.NominationPatience;
        // What the valid pair has taken, and the Ta by which checks are apart: a better pair that was checked just before the valid one, and
        // that has not answered when this one has, is waited for no longer.
        TimeSpan answerTime = (best.RoundTripTime ?? TimeSpan.Zero) + agent.Pacing.Interval;
        Instant until = firstValidAt;
        // RFC 8838 §14: "when a candidate pair has been validated but uses a lower-preference transport such as TURN ... an implementation MAY
        // choose to wait and see if higher-priority candidates are received". Who wants to be reached through relays alone has none.
        if (best.IsRelayed && !agent.Options.RelayOnly && (session.Gatherer.State != GatheringState.Complete || !list.EndOfRemoteCandidates))
            until = patienceEnds;
        foreach (CandidatePair pair in list.Pairs)
        {
            if (pair.Component != best.Component || pair.Priority <= best.Priority)
                continue;
            Instant wait = pair.State switch
            {
                CandidatePairState.Waiting or CandidatePairState.Frozen => patienceEnds,
                // The first check of a direct pair opens our NAT, and may reach the peer's before that was opened by the peer's own: the second
                // finds both open. A relay costs more, and for longer, than this wait.
                CandidatePairState.InProgress when best.IsRelayed && !pair.IsRelayed =>
                    Instant.Min(pair.CheckRepeatsAt + answerTime, firstValidAt + IceDefaults.RelayedNominationPatience),
                CandidatePairState.InProgress => Instant.Min(pair.CheckSentAt + answerTime, patienceEnds),
                _ => firstValidAt,
            };
            until = Instant.Max(until, wait);
        }

        return until;
    }

    private static Instant FirstValidAt(Checklist list, int component)
    {
        Instant first = Instant.Never;
        foreach (CandidatePair pair in list.Pairs)
        {
            if (pair.IsValid && pair.Component.Component == component)
                first = Instant.Min(first, pair.ValidSince);
        }

        return first;
    }

    private static bool IsNominating(Checklist list, int component)
    {
        foreach (CandidatePair pair in list.Pairs)
        {
            if (pair.NominateOnSuccess && pair.IsValid && pair.Component.Component == component)
                return true;
        }

        return false;
    }
}
