namespace Turn;

/// <summary>Where a connection with a peer stands (RFC 6062).</summary>
internal enum PeerConnectionState
{
    /// <summary>The driver connects.</summary>
    Connecting,

    /// <summary>It is there and waits for the client's ConnectionBind.</summary>
    Pending,

    /// <summary>Bytes are copied.</summary>
    Joined,
}
