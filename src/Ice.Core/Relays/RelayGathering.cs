using Stun;
using Turn;

namespace Ice.Core;

/// <summary>Acts on what the TURN clients report: relayed candidates, permissions, channels, losses (RFC 8445 §5.1.1.2, §7.2.1).</summary>
internal readonly struct RelayGathering(AgentContext agent, DataPaths paths)
{
    /// <summary>Takes the events of all clients, and gives up on servers that have not answered in time.</summary>
    public void Drain(Session session, Session? previous, Instant now)
    {
        foreach (Relay relay in agent.Relays.All)
        {
            while (relay.Client is { } client && client.TryGetEvent(out TurnClientEvent? value))
                Apply(session, previous, relay, value, now);
            if (!relay.Concluded && agent.Options.GatheringTimeout is { } limit && now >= relay.StartedAt + limit)
            {
                relay.Client?.Close(now);
                Fail(session, relay, FormattableString.Invariant($"no allocation within {limit.TotalSeconds:0.#} s"), now);
            }
        }
    }

    /// <summary>No stream to the server could be opened, or it was closed.</summary>
    public void StreamClosed(Session session, Session? previous, Relay relay, string reason, Instant now)
    {
        if (!relay.Concluded)
            Fail(session, relay, reason, now);
        else
            Lose(session, previous, relay, IceFailureReason.RelayLost, reason, now);
        relay.Client = null;
    }

    /// <summary>The local socket went away, and with it what was reached through it.</summary>
    public void BaseRemoved(Session session, Session? previous, LocalBase from, Instant now)
    {
        foreach (Relay relay in agent.Relays.All.Where(r => r.From == from))
        {
            Lose(session, previous, relay, IceFailureReason.InterfaceLost, "the local interface went away", now);
            agent.Relays.Remove(relay);
        }
    }

    /// <summary>A new session uses the allocations that are there, and asks again for those that are not.</summary>
    /// <param name="session">The new session.</param>
    /// <param name="previous">The session whose data goes on meanwhile.</param>
    /// <param name="before">The session that ends.</param>
    /// <param name="now">The time.</param>
    public void Restarted(Session session, Session? previous, Session before, Instant now)
    {
        foreach (Relay relay in agent.Relays.All)
        {
            // What failed may have failed because the server has forgotten the allocation without our knowing (it was restarted, or this
            // machine slept): the same allocation again would fail again, until its next refresh.
            bool failed = before.Checklists.Lists[relay.From.Component.Stream].State == ChecklistState.Failed;
            if (relay.IsAllocated && !failed)
                session.Gatherer.AddRelayed(relay, now);
            else
                AskAgain(previous, relay, now);
        }
    }

    private void AskAgain(Session? previous, Relay relay, Instant now)
    {
        if (relay is { Client: null, Concluded: true })
        {
            // The stream could not be opened, or was closed.
            relay.Concluded = false;
            relay.StartedAt = now;
            agent.Events.Add(new IceEvent.OpenRelayStream(relay.Id, relay.From.Id, relay.Server));
            return;
        }

        if (relay.Client is not { State: TurnClientState.Allocated or TurnClientState.Failed or TurnClientState.Closing or TurnClientState.Closed } client)
            return;
        bool ended = client.State is TurnClientState.Closing or TurnClientState.Closed;
        if (ended && relay.Settings.Transport != RelayTransport.Udp)
            return;
        foreach (LocalBase localBase in relay.Bases)
            previous?.RemoveBase(localBase, now);
        relay.Bases.Clear();
        relay.Concluded = false;
        relay.StartedAt = now;
        if (ended)
            agent.Relays.Start(relay, now);
        else
            client.AllocateAnew(relay.Server.Address, now);
    }

    private void Apply(Session session, Session? previous, Relay relay, TurnClientEvent value, Instant now)
    {
        switch (value)
        {
            case TurnClientEvent.Allocated allocated:
                agent.Relays.TakeAllocated(relay, allocated);
                agent.Events.Add(new IceEvent.ServerResult(relay.Server, relay.From.Id, now - relay.StartedAt, null));
                session.Gatherer.AddRelayed(relay, now);
                break;
            case TurnClientEvent.AllocationFailed failed:
                Fail(session, relay, failed.Explanation, now, refused: failed.Code != 0);
                break;
            case TurnClientEvent.TupleInUse:
                // The socket is the host candidate's: another 5-tuple cannot be had, and what is there was ours.
                relay.Client!.Reclaim(now);
                break;
            case TurnClientEvent.Redirected redirected when relay.Settings.Transport == RelayTransport.Udp:
                relay.Client!.AllocateAnew(redirected.Server, now);
                break;
            case TurnClientEvent.Redirected redirected:
                Fail(session, relay, $"the server sends its clients to {redirected.Server} (300): use that server", now);
                break;
            case TurnClientEvent.AccessTokenNeeded:
                Fail(session, relay, "the server wants an access token (RFC 7635), which the agent does not have", now);
                break;
            case TurnClientEvent.Lost lost:
                Lose(session, previous, relay, IceFailureReason.RelayLost, lost.Explanation, now);
                break;
            case TurnClientEvent.PermissionReady ready:
                RepeatEarlyChecks(session, relay, ready.Peer);
                break;
            case TurnClientEvent.PermissionFailed denied:
                FailPairs(session, relay, denied, now);
                break;
        }
    }

    private void Fail(Session session, Relay relay, string reason, Instant now, bool refused = false)
    {
        relay.Concluded = true;
        agent.Events.Add(new IceEvent.ServerResult(relay.Server, relay.From.Id, now - relay.StartedAt, reason));
        session.Gatherer.RelayEnded(relay, refused, now);
    }

    private void Lose(Session session, Session? previous, Relay relay, IceFailureReason kind, string reason, Instant now)
    {
        foreach (LocalBase localBase in relay.Bases)
        {
            ConsentMonitor monitor = paths.GetMonitor(localBase.Component);
            if (monitor.Pair?.Local.Base == localBase)
                paths.Lose(monitor, kind, $"the relay at {relay.Server.Url} was lost: {reason}", now);
            session.RemoveBase(localBase, now);
            previous?.RemoveBase(localBase, now);
        }

        relay.Bases.Clear();
    }

    // The checks that left right behind the request for the permission were lost if they overtook it, or if it had to be made again.
    private void RepeatEarlyChecks(Session session, Relay relay, TransportAddress peer)
    {
        foreach (Transaction transaction in session.Transactions.Items)
        {
            if (transaction is not { Cancelled: false, SentCount: 1, Check: { IsConsent: false } check })
                continue;
            if (check.Pair.Local.Base.Relay != relay || !check.Pair.Remote.Address.SameAddress(peer))
                continue;
            check.Pair.Counters.Retransmissions++;
            agent.Output.Add(PendingSend.ForRequest(transaction));
        }
    }

    // RFC 8445 §7.2.1: "the client MUST create a permission first if it has not already created one previously"; without one no check can be
    // sent.
    private static void FailPairs(Session session, Relay relay, TurnClientEvent.PermissionFailed denied, Instant now)
    {
        foreach (Checklist list in session.Checklists.Lists)
        {
            foreach (CandidatePair pair in list.Pairs)
            {
                if (pair.Local.Base.Relay != relay || !pair.Remote.Address.SameAddress(denied.Peer) || pair.State == CandidatePairState.Succeeded)
                    continue;
                pair.FailureReason = denied.Code == 0 ? $"the relay gave no permission ({denied.Failure})" : $"the relay refused the peer ({denied.Code})";
                list.Untrigger(pair);
                session.Transactions.Cancel(pair);
                session.Checklists.SetState(pair, CandidatePairState.Failed);
                session.LastProgressAt = now;
            }
        }
    }
}
