namespace Turn;

/// <summary>Where a relay stands.</summary>
internal enum RelayState
{
    /// <summary>The driver was told to open it.</summary>
    Opening,

    /// <summary>It is open.</summary>
    Open,

    /// <summary>It could not be opened.</summary>
    Failed,
}
