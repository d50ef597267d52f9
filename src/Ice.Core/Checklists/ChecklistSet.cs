using Stun;

namespace Ice.Core;

/// <summary>The checklists of all data streams: forms and prunes pairs, freezes and unfreezes them (RFC 8445 §6.1.2, RFC 8838 §10 to §12).</summary>
internal sealed class ChecklistSet
{
    private readonly AgentContext _agent;
    private int _next;

    public ChecklistSet(AgentContext agent)
    {
        _agent = agent;
        IReadOnlyList<int> streams = agent.Options.Streams;
        Lists = new Checklist[streams.Count];
        for (int i = 0; i < Lists.Length; i++)
            Lists[i] = new Checklist(i, streams[i]);
    }

    public Checklist[] Lists { get; }

    /// <summary>Whether a check has been sent: from then on pairs come in by the rules of RFC 8838 §12.</summary>
    public bool ChecksStarted { get; set; }

    /// <summary>Whether some pair is valid.</summary>
    public bool HasValidPair => Array.Exists(Lists, static list => list.Pairs.Any(static pair => pair.IsValid));

    /// <summary>Forms the pair of two candidates, unless a rule forbids it or the pair is there already.</summary>
    public void Form(LocalCandidate local, RemoteCandidate remote, Instant now)
    {
        if (!MayPair(local, remote))
            return;
        Checklist list = Lists[local.Stream];
        if (list.State != ChecklistState.Running || list.GetSelected(local.Info.Component) is not null)
            return;
        var pair = new CandidatePair(_agent.NextPairId(), local, remote, _agent.Role);

        // RFC 8445 §6.1.2.4: "Two candidate pairs are redundant if their local candidates have the same base and their remote candidates
        // are identical."
        if (list.Find(pair.Path) is { } existing)
        {
            // RFC 8838 §11: "The agent prunes redundant pairs as described below but checks existing pairs only if they have a state of
            // Waiting or Frozen"
            if (existing.Priority >= pair.Priority || existing.State is not (CandidatePairState.Waiting or CandidatePairState.Frozen))
                return;
            list.Remove(existing);
        }

        if (!MakeRoom(list, pair))
            return;
        list.Insert(pair);
        // RFC 8445 §7.2.1: "The permission MUST be created towards the IP address of the remote candidate."
        local.Base.Relay?.Client?.CreatePermission([remote.Address], now);
        if (ChecksStarted)
            SetStateOfNewPair(pair);
        else
            SetInitialStates();
        Report(pair);
    }

    /// <summary>Adds the pair that a received check shows, in the state Waiting (RFC 8445 §7.3.1.4); null at the limit.</summary>
    public CandidatePair? AddTriggered(LocalCandidate local, RemoteCandidate remote)
    {
        Checklist list = Lists[local.Stream];
        var pair = new CandidatePair(_agent.NextPairId(), local, remote, _agent.Role) { State = CandidatePairState.Waiting };
        if (!MakeRoom(list, pair))
            return null;
        list.Insert(pair);
        Report(pair);
        return pair;
    }

    public void Report(CandidatePair pair)
    {
        if (_agent.ReportsPairs)
            _agent.Events.Add(new IceEvent.PairChanged(pair.Describe(Lists[pair.Component.Stream].GetSelected(pair.Component.Component) == pair)));
    }

    public void SetState(CandidatePair pair, CandidatePairState state)
    {
        if (pair.State == state)
            return;
        pair.State = state;
        Report(pair);
    }

    /// <summary>RFC 8445 §7.2.5.3.3: "The agent MUST set the states for all other Frozen candidate pairs in all checklists with the same foundation to Waiting."</summary>
    public void Unfreeze(CandidatePair succeeded)
    {
        foreach (Checklist list in Lists)
        {
            foreach (CandidatePair pair in list.Pairs)
            {
                if (pair.State == CandidatePairState.Frozen && pair.HasFoundation(succeeded))
                    SetState(pair, CandidatePairState.Waiting);
            }
        }
    }

    /// <summary>RFC 8445 §6.1.4.2, step 2: thaws pairs whose foundation is being checked nowhere.</summary>
    public void ThawIdleFoundations(Checklist list)
    {
        // "If there is no candidate pair in the Waiting state, and if there are one or more pairs in the Frozen state, the agent checks the
        // foundation associated with each pair in the Frozen state."
        if (list.FirstWaiting() is not null)
            return;
        foreach (CandidatePair pair in list.Pairs)
        {
            if (pair.State == CandidatePairState.Frozen && !IsBeingChecked(pair))
                SetState(pair, CandidatePairState.Waiting);
        }
    }

    /// <summary>The checklists in the order in which they are picked: the one after the last that sent a check comes first.</summary>
    public ChecklistTurn InTurn() => new(Lists, _next);

    // RFC 8445 §6.1.4.2: "whenever Ta fires the next checklist in the Running state in the checklist set is picked"
    public void TurnTaken(Checklist list) => _next = (list.Stream + 1) % Lists.Length;

    public int Count(CandidatePairState state)
    {
        int count = 0;
        foreach (Checklist list in Lists)
            count += list.Count(state);
        return count;
    }

    private static bool MayPair(LocalCandidate local, RemoteCandidate remote)
    {
        // RFC 8445 §6.1.2.2: "The ICE agent pairs each local candidate with each remote candidate for the same component of the same data
        // stream with the same IP address family."
        if (local.Component != remote.Component || !local.Base.Address.SameFamily(remote.Address))
            return false;
        // RFC 8445 §6.1.2.2: "IPv6 link-local addresses MUST NOT be paired with other than link-local addresses."
        return !local.Base.Address.IsIPv6 || local.Base.Address.IsLinkLocal == remote.Address.IsLinkLocal;
    }

    private bool IsBeingChecked(CandidatePair frozen)
    {
        foreach (Checklist list in Lists)
        {
            foreach (CandidatePair pair in list.Pairs)
            {
                if (pair.State is CandidatePairState.Waiting or CandidatePairState.InProgress && pair.HasFoundation(frozen))
                    return true;
            }
        }

        return false;
    }

    // RFC 8445 §6.1.2.6: "For each foundation, the agent sets the state of exactly one candidate pair to the Waiting state (unfreezing it).
    // The candidate pair to unfreeze is chosen by finding the first candidate pair (ordered by the lowest component ID and then the highest
    // priority if component IDs are equal) in the first checklist (according to the usage-defined checklist set order) that has that
    // foundation."
    private void SetInitialStates()
    {
        foreach (Checklist list in Lists)
        {
            foreach (CandidatePair pair in list.Pairs)
            {
                if (pair.State is CandidatePairState.Waiting or CandidatePairState.Frozen && !Checklist.IsTriggered(pair))
                    SetState(pair, IsTopmost(pair) ? CandidatePairState.Waiting : CandidatePairState.Frozen);
            }
        }
    }

    // The state of a pair that comes late: rules 1 to 3 of RFC 8838 §12.
    private void SetStateOfNewPair(CandidatePair pair)
    {
        // "Rule 1: If the newly formed pair has the lowest component ID and, if the component IDs are equal, the highest priority of any
        // candidate pair for this foundation (i.e., if it is the topmost pair in the column), set the state to Waiting."
        // "Rule 2: If there is at least one pair in the Succeeded state for this foundation, set the state to Waiting."
        // "Rule 3: In all other cases, set the state to Frozen."
        pair.State = IsTopmost(pair) || HasSucceeded(pair) ? CandidatePairState.Waiting : CandidatePairState.Frozen;
    }

    private bool IsTopmost(CandidatePair candidate)
    {
        foreach (Checklist list in Lists)
        {
            foreach (CandidatePair pair in list.Pairs)
            {
                if (pair != candidate && pair.HasFoundation(candidate) && GoesBefore(pair, candidate))
                    return false;
            }
        }

        return true;
    }

    private static bool GoesBefore(CandidatePair pair, CandidatePair other)
    {
        if (pair.Component.Stream != other.Component.Stream)
            return pair.Component.Stream < other.Component.Stream;
        if (pair.Component.Component != other.Component.Component)
            return pair.Component.Component < other.Component.Component;
        return pair.Priority > other.Priority || (pair.Priority == other.Priority && pair.Id < other.Id);
    }

    private bool HasSucceeded(CandidatePair candidate)
    {
        foreach (Checklist list in Lists)
        {
            foreach (CandidatePair pair in list.Pairs)
            {
                if (pair.State == CandidatePairState.Succeeded && pair.HasFoundation(candidate))
                    return true;
            }
        }

        return false;
    }

    // RFC 8838 §11: "the agent SHOULD discard any pairs in the Failed state to make room for the new pair.  If there are no such pairs, the
    // agent SHOULD discard a pair with a lower priority than the new pair in order to make room for the new pair, until the number of pairs
    // is equal to the maximum number of pairs."
    private bool MakeRoom(Checklist list, CandidatePair newPair)
    {
        int count = 0;
        Checklist longest = list;
        foreach (Checklist each in Lists)
        {
            count += each.Pairs.Length;
            // RFC 8445 §6.1.2.5: "The discarding SHOULD be done evenly so that the number of candidate pairs in each checklist is reduced
            // the same amount."
            if (each.Pairs.Length > longest.Pairs.Length)
                longest = each;
        }

        if (count < _agent.Options.MaxPairs)
            return true;
        CandidatePair? victim = FindVictim(longest, newPair);
        if (victim is null && longest != list)
        {
            longest = list;
            victim = FindVictim(list, newPair);
        }

        if (victim is null)
        {
            _agent.Drops.Count(DropReason.LimitReached);
            return false;
        }

        longest.Remove(victim);
        return true;
    }

    private static CandidatePair? FindVictim(Checklist list, CandidatePair newPair)
    {
        CandidatePair? lowest = null;
        foreach (CandidatePair pair in list.Pairs)
        {
            if (pair.State == CandidatePairState.Failed)
                return pair;
            bool idle = pair.State is CandidatePairState.Waiting or CandidatePairState.Frozen;
            if (idle && !Checklist.IsTriggered(pair) && pair.Priority < newPair.Priority)
                lowest = pair;
        }

        return lowest;
    }
}
