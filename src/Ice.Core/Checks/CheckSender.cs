using Stun;

namespace Ice.Core;

/// <summary>Starts the transactions of connectivity checks and consent checks (RFC 8445 §7.2.2 to §7.2.4).</summary>
internal readonly struct CheckSender(AgentContext agent)
{
    // RFC 7675 §5.1: "Each STUN binding request for consent is transmitted once only."
    private static readonly RetransmissionSchedule s_once = new(IceDefaults.ConsentExpiry, Rc: 1, Rm: 1);

    /// <summary>Sends a check on a pair and puts it In-Progress.</summary>
    public void SendCheck(Session session, CandidatePair pair, Instant now)
    {
        bool nominating = agent.Role == IceRole.Controlling && (pair.NominateOnSuccess || agent.Options.AggressiveNomination);
        session.Checklists.ChecksStarted = true;
        // A nominating check repeats one that has succeeded: the pair stays valid and carries data meanwhile.
        if (!pair.IsValid)
            session.Checklists.SetState(pair, CandidatePairState.InProgress);
        pair.CheckSentAt = now;
        session.LastProgressAt = now;
        var schedule = new RetransmissionSchedule(ComputeRto(session), IceDefaults.RequestCount, IceDefaults.LastRequestWait);
        pair.CheckRepeatsAt = now + schedule.Rto;
        Send(session, new Transaction(TransactionId.Create(agent.Entropy), pair.Path, schedule, now) { Check = Describe(session, pair, nominating, isConsent: false) });
        pair.Counters.RequestsSent++;
    }

    /// <summary>Sends a consent check on the path that carries data.</summary>
    public void SendConsent(Session session, CandidatePair pair, Instant now)
    {
        // Lite peers take USE-CANDIDATE as the sign of life of a nomination: without it some drop the pair after 30 s.
        bool useCandidate = agent.Role == IceRole.Controlling && pair.Nominated && session.Remotes[pair.Component.Stream]!.Parameters.Lite;
        pair.Counters.ConsentRequestsSent++;
        TransactionId id = TransactionId.Create(agent.Entropy);
        CheckRequest check = Describe(session, pair, useCandidate, isConsent: true);
        if (SpareConsents.Take() is { } spare)
        {
            spare.StartAgain(id, pair.Path, check, now);
            Send(session, spare);
            return;
        }

        Send(session, new Transaction(id, pair.Path, s_once, now) { Check = check });
    }

    /// <summary>The retransmission timeout of a check that starts now.</summary>
    public TimeSpan ComputeRto(Session session)
    {
        // RFC 8445 §14.3: "RTO = MAX (500ms, Ta * N * (Num-Waiting + Num-In-Progress))"; N is 1 here, see docs/departures.md: the number of
        // checks that wait and are under way is what lets every check leave once before the first is repeated.
        TimeSpan computed = agent.Pacing.Interval * (session.Checklists.Count(CandidatePairState.Waiting) + session.Checklists.Count(CandidatePairState.InProgress));
        return computed > IceDefaults.MinimumRto ? computed : IceDefaults.MinimumRto;
    }

    private CheckRequest Describe(Session session, CandidatePair pair, bool useCandidate, bool isConsent)
    {
        RemoteSide remote = session.Remotes[pair.Component.Stream]!;
        return new CheckRequest(pair, new CheckContent(remote, pair.Local.Base.PeerReflexivePriority, agent.Role, agent.TieBreaker, useCandidate), isConsent);
    }

    private void Send(Session session, Transaction transaction)
    {
        session.Transactions.Add(transaction);
        agent.Output.Add(PendingSend.ForRequest(transaction));
    }
}
