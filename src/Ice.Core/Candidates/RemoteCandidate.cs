using Stun;

namespace Ice.Core;

/// <summary>A remote candidate of a session: signalled, or learned from a check.</summary>
internal sealed class RemoteCandidate(IceCandidate info, ComponentId component)
{
    private readonly List<(BaseId Base, int Count)> _triggered = new(1);

    /// <summary>What is known of it; replaced when a peer-reflexive candidate is signalled later.</summary>
    public IceCandidate Info { get; set; } = info;

    public ComponentId Component { get; } = component;

    public TransportAddress Address { get; } = info.Address;

    public bool IsPeerReflexive => Info.Type == IceCandidateType.PeerReflexive;

    /// <summary>Counts the checks that checks from here to a base have triggered.</summary>
    public int CountTriggered(BaseId localBase)
    {
        for (int i = 0; i < _triggered.Count; i++)
        {
            if (_triggered[i].Base != localBase)
                continue;
            _triggered[i] = (localBase, _triggered[i].Count + 1);
            return _triggered[i].Count;
        }

        _triggered.Add((localBase, 1));
        return 1;
    }
}
