namespace Turn;

/// <summary>Where a data connection of a TCP allocation stands (RFC 6062).</summary>
public enum TcpDataConnectionState
{
    /// <summary>The ConnectionBind request was made; its response has not come.</summary>
    Binding,

    /// <summary>The stream carries the peer's bytes.</summary>
    Bound,

    /// <summary>The server refused, or did not answer: close the stream.</summary>
    Failed,
}
