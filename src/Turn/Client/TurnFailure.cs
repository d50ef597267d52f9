namespace Turn;

/// <summary>Why something that was asked of a TURN server did not succeed.</summary>
public enum TurnFailure
{
    /// <summary>No response came, or none that could be used.</summary>
    Timeout,

    /// <summary>Only responses came that were not authenticated as they had to be: somebody interferes, or the password is wrong.</summary>
    IntegrityViolated,

    /// <summary>The server does not take the credentials (401), or it wants some and there are none.</summary>
    CredentialsRefused,

    /// <summary>The server's demands for authentication cannot be met, or somebody weakened them on the way.</summary>
    ChallengeRefused,

    /// <summary>The server refused for another reason; the error code says which.</summary>
    Refused,

    /// <summary>The response was a success, but held nothing that can be used.</summary>
    BadResponse,

    /// <summary>The server gave an address of a family that was not asked for (RFC 8656 §7.3).</summary>
    UnexpectedAddressFamily,

    /// <summary>The server sent the client to another server where it has been before (RFC 8489 §10), or named none.</summary>
    RedirectLoop,

    /// <summary>Three 5-tuples in a row were in use already (437).</summary>
    TupleInUse,

    /// <summary>The server does not know the allocation any more (437).</summary>
    AllocationGone,

    /// <summary>The allocation could not be refreshed in time and has expired.</summary>
    Expired,

    /// <summary>The server contradicted what the client knows about a channel; the allocation was deleted (RFC 8656 §12.3).</summary>
    ChannelsOutOfSync,

    /// <summary>The allocation cannot be moved to a new local address: the server gave no ticket, or refused it (RFC 8016).</summary>
    NotMovable,

    /// <summary>The peer's address is of a family that the allocation does not have.</summary>
    AddressFamilyMismatch,

    /// <summary>A limit of the client was reached: permissions, or the 4096 channels.</summary>
    LimitReached,
}
