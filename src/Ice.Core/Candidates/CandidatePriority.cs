namespace Ice.Core;

/// <summary>Priorities of candidates and pairs (RFC 8445 §5.1.2, §6.1.2.3).</summary>
public static class CandidatePriority
{
    /// <summary>The priority of a candidate.</summary>
    /// <param name="type">The candidate's type.</param>
    /// <param name="localPreference">0 to 65535.</param>
    /// <param name="component">1 to 256.</param>
    public static uint Compute(IceCandidateType type, int localPreference, int component)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(localPreference);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(localPreference, 65535);
        // RFC 8445 §5.1.2.1: "The component ID MUST be an integer between 1 and 256 inclusive."
        ArgumentOutOfRangeException.ThrowIfLessThan(component, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(component, 256);
        uint priority = ((uint)TypePreference(type) << 24) + ((uint)localPreference << 8) + (uint)(256 - component);
        // RFC 8445 §5.1.2: "Each candidate for a data stream MUST have a unique priority that MUST be a positive integer between 1 and
        // (2**31 - 1)."
        return Math.Max(priority, 1);
    }

    /// <summary>The priority of a pair.</summary>
    /// <param name="role">The local agent's role.</param>
    /// <param name="local">The local candidate's priority.</param>
    /// <param name="remote">The remote candidate's priority.</param>
    public static ulong ComputePair(IceRole role, uint local, uint remote)
    {
        ulong g = role == IceRole.Controlling ? local : remote;
        ulong d = role == IceRole.Controlling ? remote : local;
        // RFC 8445 §6.1.2.3: "pair priority = 2^32*MIN(G,D) + 2*MAX(G,D) + (G>D?1:0)"
        return (Math.Min(g, d) << 32) + (2 * Math.Max(g, d)) + (g > d ? 1UL : 0UL);
    }

    /// <summary>The type preference, 0 to 126.</summary>
    public static int TypePreference(IceCandidateType type) => type switch
    {
        // RFC 8445 §5.1.2.2: "The RECOMMENDED values for type preferences are 126 for host candidates, 110 for peer-reflexive candidates,
        // 100 for server-reflexive candidates, and 0 for relayed candidates."
        IceCandidateType.Host => 126,
        IceCandidateType.PeerReflexive => 110,
        IceCandidateType.ServerReflexive => 100,
        _ => 0,
    };
}
