using Stun;

namespace Ice.Core;

/// <summary>A local socket as the machine knows it.</summary>
internal sealed record LocalBase(BaseId Id, ComponentId Component, TransportAddress Address, BaseTraits Traits)
{
    /// <summary>The relay whose relayed address this is; null for a socket.</summary>
    public Relay? Relay { get; init; }

    /// <summary>The priority that a peer-reflexive candidate on this base has: what checks carry in PRIORITY.</summary>
    /// <remarks>
    /// RFC 8445 §7.1.1: "The PRIORITY attribute MUST be included in a Binding request and be set to the value computed by the algorithm in
    /// Section 5.1.2 for the local candidate, but with the candidate type preference of peer-reflexive candidates."
    /// </remarks>
    public uint PeerReflexivePriority { get; } =
        CandidatePriority.Compute(IceCandidateType.PeerReflexive, Traits.LocalPreference, Component.Component);
}
