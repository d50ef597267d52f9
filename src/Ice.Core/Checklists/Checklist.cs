using Stun;

namespace Ice.Core;

/// <summary>The candidate pairs of one data stream by falling priority, its triggered-check queue and its selected pairs (RFC 8445 §6.1.2).</summary>
internal sealed class Checklist(int stream, int componentCount)
{
    private readonly CandidatePair?[] _selected = new CandidatePair?[componentCount];
    private CandidatePair[] _pairs = [];
    private int _lastTriggeredPlace;

    public int Stream { get; } = stream;

    /// <summary>The components that both agents have (RFC 8445 §6.1.2.2).</summary>
    public int ComponentCount { get; set; } = componentCount;

    public ChecklistState State { get; set; }

    public IceFailureReason FailureReason { get; set; }

    /// <summary>What was lost, for people.</summary>
    public string? FailureDetail { get; set; }

    public bool EndOfRemoteCandidates { get; set; }

    /// <summary>The pairs, to be gone through; they are added and removed by the methods.</summary>
    public CandidatePair[] Pairs => _pairs;

    public int TriggeredCount { get; private set; }

    public CandidatePair? GetSelected(int component) => component <= _selected.Length ? _selected[component - 1] : null;

    public void SetSelected(int component, CandidatePair? pair) => _selected[component - 1] = pair;

    public CandidatePair? Find(IcePath path)
    {
        foreach (CandidatePair pair in _pairs)
        {
            if (pair.Path == path)
                return pair;
        }

        return null;
    }

    public void Insert(CandidatePair pair)
    {
        int index = Array.FindIndex(_pairs, p => p.Priority < pair.Priority);
        index = index < 0 ? _pairs.Length : index;
        _pairs = [.. _pairs[..index], pair, .. _pairs[index..]];
    }

    public void Remove(CandidatePair pair)
    {
        Untrigger(pair);
        _pairs = Array.FindAll(_pairs, other => other != pair);
    }

    // RFC 8445 §6.1.2.3: "The agent sorts each checklist in decreasing order of candidate pair priority."
    public void Sort(IceRole role)
    {
        foreach (CandidatePair pair in _pairs)
            pair.ComputePriority(role);
        Array.Sort(_pairs, static (x, y) => x.Priority == y.Priority ? x.Id.CompareTo(y.Id) : y.Priority.CompareTo(x.Priority));
    }

    /// <summary>Puts a pair at the end of the triggered-check queue, unless it is there already.</summary>
    public void Trigger(CandidatePair pair)
    {
        if (IsTriggered(pair) || !_pairs.Contains(pair))
            return;
        pair.TriggeredPlace = ++_lastTriggeredPlace;
        TriggeredCount++;
    }

    public static bool IsTriggered(CandidatePair pair) => pair.TriggeredPlace > 0;

    public void Untrigger(CandidatePair pair)
    {
        if (!IsTriggered(pair))
            return;
        pair.TriggeredPlace = 0;
        TriggeredCount--;
    }

    public CandidatePair? TakeTriggered()
    {
        CandidatePair? first = null;
        foreach (CandidatePair pair in _pairs)
        {
            if (IsTriggered(pair) && (first is null || pair.TriggeredPlace < first.TriggeredPlace))
                first = pair;
        }

        if (first is not null)
            Untrigger(first);
        return first;
    }

    // RFC 8445 §6.1.4.2: "the agent picks the highest-priority candidate pair (if there are multiple pairs with the same priority, the
    // pair with the lowest component ID is picked) in the Waiting state"
    public CandidatePair? FirstWaiting()
    {
        CandidatePair? best = null;
        foreach (CandidatePair pair in _pairs)
        {
            if (pair.State != CandidatePairState.Waiting || IsTriggered(pair) || !pair.CanBeSent)
                continue;
            if (best is null || (pair.Priority == best.Priority && pair.Component.Component < best.Component.Component))
                best = pair;
            else if (pair.Priority < best.Priority)
                break;
        }

        return best;
    }

    public int Count(CandidatePairState state)
    {
        int count = 0;
        foreach (CandidatePair pair in _pairs)
        {
            if (pair.State == state)
                count++;
        }

        return count;
    }

    /// <summary>Whether no check of the list can still change anything.</summary>
    public bool AllChecksEnded()
    {
        foreach (CandidatePair pair in _pairs)
        {
            if (pair.State is not (CandidatePairState.Failed or CandidatePairState.Succeeded))
                return false;
        }

        return TriggeredCount == 0;
    }

    public bool HasValidPair(int component)
    {
        foreach (CandidatePair pair in _pairs)
        {
            if (pair.IsValid && pair.Component.Component == component)
                return true;
        }

        return false;
    }

    /// <summary>The valid pair of a component that was nominated last, or null.</summary>
    public CandidatePair? LastNominated(int component)
    {
        CandidatePair? last = null;
        foreach (CandidatePair pair in _pairs)
        {
            if (pair is { IsValid: true, Nominated: true } && pair.Component.Component == component && (last is null || pair.NominationOrder > last.NominationOrder))
                last = pair;
        }

        return last;
    }

    /// <summary>The valid pair with the highest priority of a component that may carry data, or null.</summary>
    public CandidatePair? BestWithConsent(int component, AgentContext agent, Instant now)
    {
        CandidatePair? best = null;
        foreach (CandidatePair pair in _pairs)
        {
            if (pair.IsValid && pair.Component.Component == component && agent.HasConsent(pair, now) && (best is null || pair.ValidPriority > best.ValidPriority))
                best = pair;
        }

        return best;
    }

    /// <summary>The valid pair with the highest priority of a component that <paramref name="accept"/> takes, or null.</summary>
    public CandidatePair? BestValid(int component, Func<CandidatePair, bool> accept)
    {
        CandidatePair? best = null;
        foreach (CandidatePair pair in _pairs)
        {
            if (pair.IsValid && pair.Component.Component == component && accept(pair) && (best is null || pair.ValidPriority > best.ValidPriority))
                best = pair;
        }

        return best;
    }
}
