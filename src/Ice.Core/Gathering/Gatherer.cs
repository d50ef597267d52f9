using Stun;

namespace Ice.Core;

/// <summary>Gathers server-reflexive candidates: every base asks every server of its family, each on its own (RFC 8445 §5.1.1.2).</summary>
internal sealed class Gatherer(Session session)
{
    private GatheringEntry[] _entries = [];
    private PassingQueue<GatheringEntry> _waiting;
    private bool _inputsEnded;

    public GatheringState State { get; private set; }

    /// <summary>Whether a request waits for its turn.</summary>
    public bool HasWaiting => !_waiting.IsEmpty;

    /// <summary>Whether a server may yet answer.</summary>
    public bool IsAsking => Array.Exists(_entries, static e => !e.Ended);

    public Instant NextKeepAliveAt { get; private set; } = Instant.Never;

    public void AddBase(LocalBase localBase, Instant now)
    {
        State = GatheringState.Gathering;
        if (!session.Agent.Options.RelayOnly)
        {
            LocalCandidate host = session.Candidates.AddHost(localBase);
            if (localBase.Traits.SignalHost)
                Announce(host, now);
        }

        for (int i = 0; i < session.Agent.Servers.Length; i++)
            Add(localBase, session.Agent.Servers[i], i, now);
    }

    public void AddServer(GatheringServer server, Instant now)
    {
        State = GatheringState.Gathering;
        int index = Array.IndexOf(session.Agent.Servers, server);
        foreach (LocalBase localBase in session.Agent.Bases)
            Add(localBase, server, index, now);
    }

    public void EndInputs(Instant now)
    {
        State = GatheringState.Gathering;
        if (!_inputsEnded)
            ReportUnasked();
        _inputsEnded = true;
        CompleteWhenDone(now);
    }

    public void RemoveBase(LocalBase localBase, Instant now)
    {
        foreach (GatheringEntry entry in _entries)
        {
            if (entry.Base == localBase)
                entry.Removed = entry.Ended = true;
        }

        _entries = Array.FindAll(_entries, e => e.Base != localBase);
        session.Transactions.RemoveWhere(t => t.Gathering?.Base == localBase);
        CompleteWhenDone(now);
    }

    /// <summary>A TURN server has given an allocation: its addresses are candidates, and so is what it sees us as (RFC 8445 §5.1.1.2).</summary>
    public void AddRelayed(Relay relay, Instant now)
    {
        if (State != GatheringState.Complete)
        {
            foreach (LocalBase relayed in relay.Bases.Where(MayTrickle))
            {
                // RFC 8445 §5.1.1.2: "If a relayed candidate is identical to a host candidate (which can happen in rare cases), the relayed
                // candidate MUST be discarded."
                if (session.Candidates.FindLocal(relayed.Component, relayed.Address) is not { Info.Type: IceCandidateType.Host })
                    Announce(session.Candidates.AddRelayed(relayed), now);
            }

            bool reflexive = relay.Settings.Transport == RelayTransport.Udp && !session.Agent.Options.RelayOnly && !relay.Mapped.IsNone && MayTrickle(relay.From);
            if (reflexive && session.Candidates.AddServerReflexive(relay.From, relay.Mapped, relay.Server, relay.ServerIndex) is { } candidate)
                Announce(candidate, now);
            if (relay.Settings.Transport == RelayTransport.Udp && !relay.Mapped.IsNone)
                NoteMapping(relay.From, relay.Server.Address, relay.Mapped, repeated: false, now);
        }

        CompleteWhenDone(now);
    }

    /// <summary>A TURN server has given none.</summary>
    /// <param name="relay">The relay.</param>
    /// <param name="refused">Whether it answered so.</param>
    /// <param name="now">The time.</param>
    public void RelayEnded(Relay relay, bool refused, Instant now)
    {
        // RFC 8445 §5.1.1.2: "If the Allocate request is rejected because the server lacks resources to fulfill it, the agent SHOULD instead
        // send a Binding request to obtain a server-reflexive candidate."
        if (refused && relay.Settings.Transport == RelayTransport.Udp && !session.Agent.Options.RelayOnly && State != GatheringState.Complete)
            Ask(relay.From, relay.Server, relay.ServerIndex, now);
        CompleteWhenDone(now);
    }

    /// <summary>Sends the first request of the next entry: its token has been taken.</summary>
    public void StartNext(Instant now)
    {
        if (!_waiting.TryTake(out GatheringEntry? entry) || entry.Removed)
            return;
        if (entry.StartedAt.IsNever)
            entry.StartedAt = now;
        // RFC 8445 §14.3: "RTO = MAX (500ms, Ta * (Num-Of-Cands))"
        TimeSpan computed = session.Agent.Pacing.Interval * _entries.Length;
        var schedule = new RetransmissionSchedule(
            computed > IceDefaults.MinimumRto ? computed : IceDefaults.MinimumRto, IceDefaults.RequestCount, IceDefaults.LastRequestWait);
        Instant expires = now + schedule.TimeoutOffset;
        if (session.Agent.Options.GatheringTimeout is { } limit)
            expires = Instant.Min(expires, now + limit);
        var transaction = new Transaction(TransactionId.Create(session.Agent.Entropy), new IcePath(entry.Base.Id, entry.Server.Address), schedule, now)
        {
            Gathering = entry,
            ExpiresAt = expires,
        };
        session.Transactions.Add(transaction);
        session.Agent.Output.Add(PendingSend.ForRequest(transaction));
    }

    public InputResult Handle(Transaction transaction, IcePath path, in StunMessage message, Instant now)
    {
        // A server that answers from elsewhere, or somebody else who guesses: neither is the answer to what was asked there.
        if (path != transaction.Path)
            return session.Agent.Drops.Count(DropReason.WrongSource);
        GatheringEntry entry = transaction.Gathering!;
        if (message.Class == StunClass.ErrorResponse)
        {
            session.Transactions.Remove(transaction);
            string code = message.TryGetErrorCode(out int value, out _) ? $"{value} ({StunErrorCode.DefaultReason(value)})" : "an error without a code";
            End(entry, $"the server answered {code}", now);
            return InputResult.Handled;
        }

        // RFC 8445 §5.1.1.2: "Agents MUST support the backwards-compatibility mode for the Binding request defined in [RFC5389]."
        // Servers of RFC 3489 know MAPPED-ADDRESS only.
        if ((!message.TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress mapped)
                && !message.TryGetAddress(StunAttributeType.MappedAddress, out mapped))
            || mapped.Port == 0 || mapped.IsAny)
            return session.Agent.Drops.Count(DropReason.NoMappedAddress);
        session.Transactions.Remove(transaction);
        // RFC 8445 §5.1.1.4: "For server-reflexive candidates learned through a Binding request, the bindings MUST be kept alive by
        // additional Binding requests to the server."
        entry.KeepAliveAt = now + IceDefaults.KeepaliveInterval;
        entry.HasBinding = true;
        if (entry.Ended)
            return InputResult.Handled;
        // RFC 8838 §13: "an agent MUST NOT convey any more candidates after it has conveyed an end-of-candidates indication"
        if (MayTrickle(entry.Base) && session.Candidates.AddServerReflexive(entry.Base, mapped, entry.Server, entry.ServerIndex) is { } candidate)
            Announce(candidate, now);
        NoteMapping(entry.Base, entry.Server.Address, mapped, transaction.WasRepeated, now);
        End(entry, null, now);
        return InputResult.Handled;
    }

    /// <summary>Repeats requests, gives up on silent servers, and keeps bindings alive until ICE has concluded.</summary>
    public void Tick(Instant now)
    {
        List<Transaction> items = session.Transactions.Items;
        for (int i = items.Count - 1; i >= 0; i--)
        {
            Transaction transaction = items[i];
            if (transaction.Gathering is not { } entry || now < transaction.DueAt)
                continue;
            if (now < transaction.ExpiresAt && transaction.TryRetransmit(now))
            {
                session.Agent.Output.Add(PendingSend.ForRequest(transaction));
                continue;
            }

            session.Transactions.Remove(transaction);
            // A refresh that was lost is tried again.
            if (entry.HasBinding)
                entry.KeepAliveAt = now + IceDefaults.KeepaliveInterval;
            End(entry, FormattableString.Invariant($"no answer to {transaction.SentCount} requests in {(now - transaction.FirstSentAt).TotalSeconds:0.#} s"), now);
        }

        KeepAlive(now);
    }

    private void KeepAlive(Instant now)
    {
        NextKeepAliveAt = Instant.Never;
        // RFC 8445 §5.1.1.4: "Once server-reflexive and relayed candidates are allocated, they MUST be kept alive until ICE processing has
        // completed"
        if (!session.IsRunning)
            return;
        foreach (GatheringEntry entry in _entries)
        {
            if (entry.KeepAliveAt <= now)
            {
                entry.KeepAliveAt = Instant.Never;
                _waiting.Add(entry);
            }

            NextKeepAliveAt = Instant.Min(NextKeepAliveAt, entry.KeepAliveAt);
        }
    }

    private void Add(LocalBase localBase, GatheringServer server, int index, Instant now)
    {
        if (session.Agent.IsLite || !localBase.Address.SameFamily(server.Address))
            return;
        // Each host candidate asks each server (RFC 8445 §5.1.1.2), but from a loopback or link-local address no server is reached.
        if (localBase.Address.IsLoopback != server.Address.IsLoopback || (localBase.Address.IsIPv6 && localBase.Address.IsLinkLocal))
            return;
        if (server.Relay is not null)
        {
            AddRelay(localBase, server, index, now);
            return;
        }

        if (session.Agent.Options.RelayOnly)
            return;
        Ask(localBase, server, index, now);
    }

    private void Ask(LocalBase localBase, GatheringServer server, int index, Instant now)
    {
        var entry = new GatheringEntry(localBase, server, index, now);
        _entries = [.. _entries, entry];
        _waiting.Add(entry);
    }

    // An allocation outlives the session that asked for it.
    private void AddRelay(LocalBase localBase, GatheringServer server, int index, Instant now)
    {
        if (!session.Agent.Relays.All.Any(r => r.From == localBase && r.Server == server))
            session.Agent.Relays.Add(localBase, server, index, now);
    }

    // RFC 8838 §13: "In all cases, an agent MUST NOT trickle any new candidates within an ICE session after nomination of a candidate pair as
    // described in Section 8.1.1 of [RFC8445]."
    private bool MayTrickle(LocalBase localBase) =>
        session.Checklists.Lists[localBase.Component.Stream].GetSelected(localBase.Component.Component) is null;

    // Every server has an outcome, also one that nobody could ask.
    private void ReportUnasked()
    {
        foreach (GatheringServer server in session.Agent.Servers)
        {
            if (Array.Exists(_entries, e => e.Server == server) || session.Agent.Relays.All.Any(r => r.Server == server))
                continue;
            string reason = session.Agent.Options.RelayOnly && server.Relay is null
                ? "relayed candidates alone are wanted, and a STUN server gives none"
                : $"no local address can reach {server.Address}: there is none of its family, or they are loopback or link-local addresses";
            session.Agent.Events.Add(new IceEvent.ServerResult(server, null, TimeSpan.Zero, reason));
        }
    }

    private void Announce(LocalCandidate candidate, Instant now)
    {
        session.Agent.Events.Add(new IceEvent.LocalCandidate(candidate.Stream, candidate.Info));
        session.PairLocal(candidate, now);
    }

    // Where servers see a base at different addresses, the next ones that a check may come from are candidates too, if they can be told.
    private void NoteMapping(LocalBase localBase, TransportAddress server, TransportAddress mapped, bool repeated, Instant now)
    {
        if (session.Prober is not { } prober)
            return;
        session.Agent.Mappings!.Sampled(localBase, server, mapped, repeated);
        if (session.Agent.Options.Traversal!.PredictPorts == 0 || !prober.Own.IsEndpointDependent(localBase) || !MayTrickle(localBase))
            return;
        PortPattern pattern = prober.Own.Analyze(localBase);
        List<TransportAddress> added = [];
        foreach (TransportAddress predicted in pattern.Allocation == PortAllocation.Sequential ? prober.Own.Predict(localBase, pattern) : [])
        {
            if (session.Candidates.AddPredicted(localBase, predicted) is not { } candidate)
                continue;
            Announce(candidate, now);
            added.Add(predicted);
        }

        session.Agent.Events.Add(new IceEvent.PortsPredicted(localBase.Component, OfPeer: false, pattern, [.. added]));
    }

    private void End(GatheringEntry entry, string? failure, Instant now)
    {
        if (entry.Ended)
            return;
        entry.Ended = true;
        session.Agent.Events.Add(new IceEvent.ServerResult(entry.Server, entry.Base.Id, now - entry.StartedAt, failure));
        CompleteWhenDone(now);
    }

    private void CompleteWhenDone(Instant now)
    {
        if (State == GatheringState.Complete || !_inputsEnded || !Array.TrueForAll(_entries, static e => e.Ended) || !session.Agent.Relays.AllConcluded)
            return;
        State = GatheringState.Complete;
        session.GatheringCompleted(now);
        session.Agent.Events.Add(new IceEvent.GatheringCompleted());
    }
}
