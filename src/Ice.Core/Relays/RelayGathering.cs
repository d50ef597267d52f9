using Stun;
using Turn;

namespace Ice.Core;

/// <summary>Acts on what the TURN clients report: relayed candidates, permissions, channels, losses (RFC 8445 §5.1.1.2, §7.2.1).</summary>
internal sealed class RelayGathering(AgentContext agent, DataPaths paths)
{
    /// <summary>Takes the events of all clients, and gives up on servers that have not answered in time.</summary>
    public void Drain(Session session, Session? previous, Instant now)
    {
        foreach (Relay relay in agent.Relays.All.ToArray())
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
            Lose(session, previous, relay, reason, now);
        relay.Client = null;
    }

    /// <summary>The local socket went away, and with it what was reached through it.</summary>
    public void BaseRemoved(Session session, Session? previous, LocalBase from, Instant now)
    {
        foreach (Relay relay in agent.Relays.All.Where(r => r.From == from).ToArray())
        {
            Lose(session, previous, relay, "the local interface went away", now);
            agent.Relays.Remove(relay);
        }
    }

    /// <summary>A new session uses the allocations that are there, and asks again for those that are not.</summary>
    public void Restarted(Session session, Instant now)
    {
        foreach (Relay relay in agent.Relays.All)
        {
            if (relay.IsAllocated)
                session.Gatherer.AddRelayed(relay, now);
            else if (relay.Client?.State == TurnClientState.Failed)
            {
                relay.Concluded = false;
                relay.Client.AllocateAnew(relay.Server.Address, now);
            }
        }
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
                Lose(session, previous, relay, lost.Explanation, now);
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

    private void Lose(Session session, Session? previous, Relay relay, string reason, Instant now)
    {
        foreach (LocalBase localBase in relay.Bases)
        {
            ConsentMonitor monitor = paths.GetMonitor(localBase.Component);
            if (monitor.Pair?.Local.Base == localBase)
                paths.Lose(monitor, IceFailureReason.InterfaceLost, $"the relay at {relay.Server.Url} was lost: {reason}", now);
            session.RemoveBase(localBase, now);
            previous?.RemoveBase(localBase, now);
        }

        relay.Bases.Clear();
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
                session.Checklists.SetState(pair, CandidatePairState.Failed);
                session.LastProgressAt = now;
            }
        }
    }
}
