using Stun;

namespace Turn;

/// <summary>A TCP connection between a relayed address and a peer (RFC 6062 §5.2, §5.3).</summary>
internal sealed class PeerConnection(uint id, Allocation owner, TransportAddress peer)
{
    public uint Id { get; } = id;

    public Allocation Owner { get; } = owner;

    public TransportAddress Peer { get; } = peer;

    public PeerConnectionState State { get; set; }

    /// <summary>The Connect request that is answered when the connection is there.</summary>
    public RequestContext Request { get; set; }

    /// <summary>When it is given up.</summary>
    public Instant Deadline { get; set; } = Instant.Never;

    /// <summary>The client's data connection, once joined.</summary>
    public FiveTuple Client { get; set; }
}
