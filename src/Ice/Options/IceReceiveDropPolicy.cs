namespace Ice;

/// <summary>Which datagram is given up when a component's receive buffer is full.</summary>
public enum IceReceiveDropPolicy
{
    /// <summary>The one that has just arrived.</summary>
    DropNewest,

    /// <summary>The one that has waited longest.</summary>
    DropOldest,
}
