namespace Ice.Core;

/// <content>Snapshots for statistics and display.</content>
public sealed partial class IceCore
{
    /// <summary>The pair that a component's data goes over, or null.</summary>
    public CandidatePairInfo? GetSelectedPair(ComponentId component)
    {
        ConsentMonitor monitor = _paths.GetMonitor(component);
        return monitor.Pair?.Describe(monitor.Session!.ListOf(monitor.Pair).GetSelected(component.Component) == monitor.Pair);
    }

    /// <summary>All pairs of the current session as they stand, by falling priority within each stream.</summary>
    public IReadOnlyList<CandidatePairInfo> GetPairs()
    {
        var pairs = new List<CandidatePairInfo>();
        foreach (Checklist list in _session.Checklists.Lists)
        {
            foreach (CandidatePair pair in list.Pairs)
                pairs.Add(pair.Describe(list.GetSelected(pair.Component.Component) == pair));
        }

        return pairs;
    }

    /// <summary>The local candidates of the current session.</summary>
    public IReadOnlyList<IceCandidate> GetLocalCandidates() => [.. _session.Candidates.Local.Select(static c => c.Info)];

    /// <summary>The remote candidates of the current session, peer-reflexive ones included.</summary>
    public IReadOnlyList<IceCandidate> GetRemoteCandidates() => [.. _session.Candidates.Remote.Select(static c => c.Info)];

    /// <summary>How many probes were sent beyond the checks of RFC 8445, over all sessions: none without <see cref="IceCoreOptions.Traversal"/>.</summary>
    public long ProbesSent => _agent.ProbesSent;

    /// <summary>How many STUN messages were refused for a reason.</summary>
    public long GetDropCount(DropReason reason) => _agent.Drops[reason];
}
