namespace Turn;

/// <summary>Where a TURN client stands.</summary>
public enum TurnClientState
{
    /// <summary>Nothing was asked of the server yet.</summary>
    New,

    /// <summary>An allocation is being made; or it waits for the time before which the server wants no other attempt.</summary>
    Allocating,

    /// <summary>The server wants another 5-tuple: call <see cref="TurnClient.AllocateAnew"/> from a new local address, or at the other server.</summary>
    NeedsTuple,

    /// <summary>There is an allocation.</summary>
    Allocated,

    /// <summary>There is an allocation that is being moved to a new 5-tuple (RFC 8016); no data goes until the server has agreed.</summary>
    Moving,

    /// <summary>No allocation could be made, or it is gone.</summary>
    Failed,

    /// <summary>The allocation is being deleted.</summary>
    Closing,

    /// <summary>Closed: nothing is sent any more.</summary>
    Closed,
}
