namespace Ice;

/// <summary>Where an agent stands, over all its data streams and components.</summary>
public enum IceConnectionState
{
    /// <summary>No check has been possible yet.</summary>
    New,

    /// <summary>Checks are under way; data may already flow over a valid pair (RFC 8445 §12.1).</summary>
    Checking,

    /// <summary>Every component has a nominated pair that works.</summary>
    Connected,

    /// <summary>The selected pair of some component has stopped answering; it may recover.</summary>
    Disconnected,

    /// <summary>No pair works and none can be found without a restart, or consent has expired (RFC 7675).</summary>
    Failed,

    /// <summary>The agent was closed.</summary>
    Closed,
}
