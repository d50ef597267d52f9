namespace Turn;

/// <summary>Why an allocation, or one address family of it, ended.</summary>
public enum AllocationEnd
{
    /// <summary>The client deleted it with a Refresh of lifetime zero.</summary>
    Deleted,

    /// <summary>The client did not refresh it in time.</summary>
    Expired,

    /// <summary>The client's stream was closed.</summary>
    StreamClosed,

    /// <summary>The relay socket was lost.</summary>
    RelayLost,

    /// <summary>The server stopped.</summary>
    ServerStopped,
}
