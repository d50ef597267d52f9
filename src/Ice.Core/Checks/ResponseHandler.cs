using Stun;

namespace Ice.Core;

/// <summary>Acts on the answers to checks, and on their absence (RFC 8445 §7.2.5).</summary>
internal readonly struct ResponseHandler(AgentContext agent, Concluder concluder)
{
    public InputResult Handle(Session session, Transaction transaction, LocalBase localBase, IcePath path, in StunMessage message, Instant now)
    {
        CheckRequest check = transaction.Check!.Value;
        // RFC 8489 §9.1.4: "If the request was sent over an unreliable transport, the response MUST be discarded, as if it had never been
        // received."
        if (!message.VerifyMessageIntegrity(check.Content.Remote.Key))
        {
            transaction.SawBadIntegrity = true;
            return agent.Drops.Count(DropReason.BadIntegrity);
        }

        CandidatePair pair = check.Pair;
        // RFC 8445 §7.2.5.1: "If the Binding request generates a 487 (Role Conflict) error response (Section 7.3.1.1), and if the ICE agent
        // included an ICE-CONTROLLED attribute in the request, the agent MUST switch to the controlling role."
        // This comes before the symmetry of the addresses: behind a NAT that maps each destination anew the answer comes from elsewhere, and
        // the roles must be repaired all the same, or the peer refuses the next check as it did this one.
        bool isRoleConflict = message.TryGetErrorCode(out int code, out _) && code == 487;
        if (path != transaction.Path && !isRoleConflict)
        {
            // RFC 8445 §7.2.5.2.1: "If the addresses are not symmetric, the agent MUST set the candidate pair state to Failed."
            session.Transactions.Remove(transaction);
            if (!check.IsConsent)
                Fail(session, check, "the answer came from another address than the check went to", now);
            return agent.Drops.Count(DropReason.WrongSource);
        }

        return message.Class == StunClass.SuccessResponse
            ? HandleSuccess(session, transaction, localBase, message, now)
            : HandleError(session, transaction, pair, message, now);
    }

    /// <summary>Repeats what is due and gives up what was never answered.</summary>
    public void Tick(Session session, Instant now)
    {
        List<Transaction> items = session.Transactions.Items;
        for (int i = items.Count - 1; i >= 0; i--)
        {
            Transaction transaction = items[i];
            if (transaction.Check is not { } check || now < transaction.DueAt)
                continue;
            if (now < transaction.ExpiresAt && transaction.TryRetransmit(now))
            {
                check.Pair.Counters.Retransmissions++;
                agent.Output.Add(PendingSend.ForRequest(transaction));
            }
            else if (now >= transaction.ExpiresAt)
            {
                session.Transactions.Remove(transaction);
                // RFC 8445 §7.2.5.2.3: "If the Binding request transaction times out, the ICE agent MUST set the candidate pair state to
                // Failed."
                if (!transaction.Cancelled && !check.IsConsent)
                    Fail(session, check, TimeoutReason(transaction, now), now);
            }
        }
    }

    private static string TimeoutReason(Transaction transaction, Instant now) => transaction.SawBadIntegrity
        // RFC 8489 §9.1.4: "instead of signaling a timeout after ending the transaction, the layer MUST signal that the integrity protection
        // was violated."
        ? "answers came, but none with the right MESSAGE-INTEGRITY: do both sides have the same ice-ufrag and ice-pwd?"
        : FormattableString.Invariant($"no answer to {transaction.SentCount} requests in {(now - transaction.FirstSentAt).TotalSeconds:0.#} s");

    private InputResult HandleSuccess(Session session, Transaction transaction, LocalBase localBase, in StunMessage message, Instant now)
    {
        // RFC 8489 §6.3.3: "If the success response contains unknown comprehension-required attributes, the response is discarded and the
        // transaction is considered to have failed."
        CheckRequest check = transaction.Check!.Value;
        if (message.GetUnknownComprehensionRequired([], UnderstoodAttributes.All) > 0)
        {
            session.Transactions.Remove(transaction);
            if (!check.IsConsent)
                Fail(session, check, "the answer has attributes that must be understood and are not", now);
            return agent.Drops.Count(DropReason.UnknownAttributes);
        }

        if (!message.TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress mapped) || mapped.IsNone)
            return agent.Drops.Count(DropReason.NoMappedAddress);
        session.Transactions.Remove(transaction);
        CandidatePair pair = check.Pair;
        NoteAnswer(session, transaction, pair, now);
        if (!check.IsConsent)
            Succeed(session, check, localBase, mapped, now);
        return InputResult.Handled;
    }

    private void NoteAnswer(Session session, Transaction transaction, CandidatePair pair, Instant now)
    {
        pair.Counters.ResponsesReceived++;
        pair.LastResponseAt = now;
        pair.LastHeardAt = now;
        if (!transaction.Check!.Value.IsConsent)
            session.LastProgressAt = now;
        // After a retransmission it is open which request was answered; the latest gives the least wrong value.
        if (!transaction.WasRepeated || pair.RoundTripTime is null)
        {
            pair.RoundTripTime = now - transaction.LastSentAt;
            pair.Counters.TotalRoundTripTime += now - transaction.LastSentAt;
        }

        if (session.Accept(pair.Component, pair.Path))
            concluder.ReportAccepted(pair.Component);
    }

    // A success response (RFC 8445 §7.2.5.3).
    private void Succeed(Session session, CheckRequest check, LocalBase localBase, TransportAddress mapped, Instant now)
    {
        CandidatePair pair = check.Pair;
        Checklist list = session.ListOf(pair);
        if (list.Find(pair.Path) != pair || list.State == ChecklistState.Failed || pair.ConsentLost)
            return;

        // RFC 8445 §7.2.5.3.1: "If the transport address does not match any of the local candidates that the agent knows about, the mapped
        // address represents a new candidate: a peer-reflexive candidate."
        LocalCandidate? validLocal = session.Candidates.FindOrAddPeerReflexive(localBase, mapped, check.Content.Priority);
        if (validLocal is null)
        {
            agent.Drops.Count(DropReason.LimitReached);
            return;
        }

        if (!pair.IsValid)
            pair.ValidSince = now;
        pair.ValidLocal = validLocal;
        pair.ComputePriority(agent.Role);
        // The answer to an earlier check is here: the triggered one would tell nothing new, unless it carries a nomination.
        bool nominationQueued = agent.Role == IceRole.Controlling && pair.NominateOnSuccess && !check.Content.UseCandidate;
        if (!nominationQueued)
            list.Untrigger(pair);
        // RFC 8445 §7.2.5.3.3: "The ICE agent sets the states of both the candidate pair that generated the check and the constructed valid
        // pair (which may be different) to Succeeded."
        session.Checklists.SetState(pair, CandidatePairState.Succeeded);
        session.Checklists.Unfreeze(pair);

        // RFC 8445 §7.2.5.3.4: "If the controlling agent sends a Binding request with the USE-CANDIDATE attribute set, and if the ICE agent
        // receives a successful response to the request, the agent sets the nominated flag of the pair to true."
        // RFC 8445 §7.3.1.5: "once the check is sent and if it generates a successful response, and generates a valid pair, the agent sets
        // the nominated flag of the pair to true."
        bool nominates = agent.Role == IceRole.Controlling ? check.Content.UseCandidate : pair.NominateOnSuccess;
        if (nominates)
            concluder.Nominate(session, pair, now);
    }

    private InputResult HandleError(Session session, Transaction transaction, CandidatePair pair, in StunMessage message, Instant now)
    {
        CheckRequest check = transaction.Check!.Value;
        session.Transactions.Remove(transaction);
        if (!message.TryGetErrorCode(out int code, out _))
            code = 0;
        pair.LastHeardAt = now;
        // RFC 7675 §5.2: "Consent for sending application data is immediately revoked by ... receipt of a valid and authenticated STUN
        // response with error code Forbidden (403)."
        if (code == StunErrorCode.Forbidden)
            pair.ConsentLost = true;
        if (code == 487)
            RepairRoleConflict(session, check, now);
        else if (!check.IsConsent)
            // RFC 8445 §7.2.5.2.4: "If the Binding request generates a STUN error response that is unrecoverable [RFC5389], the ICE agent
            // SHOULD set the candidate pair state to Failed."
            Fail(session, check, FormattableString.Invariant($"the peer answered {code} ({StunErrorCode.DefaultReason(code)})"), now);
        return InputResult.Handled;
    }

    // A role conflict, seen by the peer (RFC 8445 §7.2.5.1).
    private void RepairRoleConflict(Session session, CheckRequest check, Instant now)
    {
        // "If the agent included an ICE-CONTROLLING attribute in the request, the agent MUST switch to the controlled role."
        if (agent.Role == check.Content.Role)
        {
            agent.SwitchRole(check.Content.Role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling);
            // "The agent MUST change the tiebreaker value."
            agent.TieBreaker = agent.Entropy.NextUInt64();
            session.RoleChanged();
        }

        Checklist list = session.ListOf(check.Pair);
        if (check.IsConsent || list.Find(check.Pair.Path) != check.Pair || list.State == ChecklistState.Failed)
            return;
        // "Once the agent has switched its role, the agent MUST add the candidate pair whose check generated the 487 error response to the
        // triggered-check queue associated with the checklist to which the pair belongs, and set the candidate pair state to Waiting."
        session.LastProgressAt = now;
        // A valid pair stays valid while its check is repeated, as when it is nominated.
        if (!check.Pair.IsValid)
            session.Checklists.SetState(check.Pair, CandidatePairState.Waiting);
        list.Trigger(check.Pair);
    }

    private void Fail(Session session, CheckRequest check, string reason, Instant now)
    {
        CandidatePair pair = check.Pair;
        session.LastProgressAt = now;
        // A later check of the same pair may be under way or may have succeeded.
        if (session.Transactions.HasActive(pair) || (pair.IsValid && !check.Content.UseCandidate))
            return;
        Checklist list = session.ListOf(pair);
        if (Checklist.IsTriggered(pair) || list.Find(pair.Path) != pair)
            return;
        pair.FailureReason = reason;
        if (pair.IsValid)
            concluder.NominationFailed(session, pair);
        session.Checklists.SetState(pair, CandidatePairState.Failed);
    }
}
