namespace Ice;

/// <summary>How a candidate was obtained (RFC 8445 §4).</summary>
public enum IceCandidateType
{
    /// <summary>An address of a local interface: <c>host</c>.</summary>
    Host,

    /// <summary>What a STUN server saw: <c>srflx</c>.</summary>
    ServerReflexive,

    /// <summary>What a peer saw, learned from a connectivity check: <c>prflx</c>.</summary>
    PeerReflexive,

    /// <summary>An address on a TURN server: <c>relay</c>.</summary>
    Relayed,
}
