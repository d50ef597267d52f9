using Stun;

namespace IceTool.Nat;

/// <summary>Whether ICE finds a direct path between two NATs, by their behaviors alone. The strictest reading of RFC 4787; some NATs let more pass.</summary>
internal readonly record struct NatPassage(NatMappingBehavior Mapping, NatFilteringBehavior Filtering)
{
    private bool KeepsMapping => Mapping == NatMappingBehavior.EndpointIndependent;

    /// <summary>Whether a check of one of the two gets through to the other and is answered.</summary>
    public bool IsDirectWith(NatPassage other) => Leads(this, other) || Leads(other, this);

    private static bool Leads(NatPassage from, NatPassage to)
    {
        // The address that it told is the one that it sends from: the check passes when its own checks have opened its filter to where ours comes from.
        if (to.KeepsMapping)
            return to.Filtering != NatFilteringBehavior.AddressAndPortDependent || from.KeepsMapping;
        // The address that it told is another than it sends from: only a filter that is open to all lets the check in, and its answer comes from an
        // address that our filter has to take for known.
        return to.Filtering == NatFilteringBehavior.EndpointIndependent
            && from.Filtering != NatFilteringBehavior.AddressAndPortDependent
            && !(from.Mapping == NatMappingBehavior.AddressAndPortDependent && to.Mapping == NatMappingBehavior.AddressAndPortDependent);
    }
}
