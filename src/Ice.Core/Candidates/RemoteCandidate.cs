using Stun;

namespace Ice.Core;

/// <summary>A remote candidate of a session: signalled, or learned from a check.</summary>
internal sealed class RemoteCandidate(IceCandidate info, ComponentId component)
{
    private (BaseId Base, int Count)[] _triggered = [];

    /// <summary>What is known of it; replaced when a peer-reflexive candidate is signalled later.</summary>
    public IceCandidate Info { get; set; } = info;

    public ComponentId Component { get; } = component;

    public TransportAddress Address { get; } = info.Address;

    public bool IsPeerReflexive => Info.Type == IceCandidateType.PeerReflexive;

    /// <summary>Counts the checks that checks from here to a base have triggered.</summary>
    public int CountTriggered(BaseId localBase)
    {
        for (int i = 0; i < _triggered.Length; i++)
        {
            if (_triggered[i].Base != localBase)
                continue;
            return ++_triggered[i].Count;
        }

        _triggered = [.. _triggered, (localBase, 1)];
        return 1;
    }
}
