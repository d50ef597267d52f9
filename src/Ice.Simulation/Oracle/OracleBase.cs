using Stun;

namespace Ice.Simulation;

/// <summary>Where an agent sends from and receives, as the oracle sees it: a socket, or an allocation of a relay.</summary>
internal sealed class OracleBase(OracleSide side, Spot spot, Attachment attachment, bool isRelay)
{
    public OracleSide Side { get; } = side;

    public Spot Spot { get; } = spot;

    public Attachment Attachment { get; } = attachment;

    public bool IsRelay { get; } = isRelay;

    /// <summary>What the peer's checks have shown at this base: each is answered by a check of our own.</summary>
    public HashSet<Spot> Triggered { get; } = [];

    /// <summary>The addresses that a relay has permissions for (RFC 8656 §9).</summary>
    public HashSet<int> Permissions { get; } = [];

    public TransportAddress Ip => Spot.Ip;
}
