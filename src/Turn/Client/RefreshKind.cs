namespace Turn;

/// <summary>What a Refresh request is for.</summary>
internal enum RefreshKind
{
    /// <summary>To keep the allocation.</summary>
    Keep,

    /// <summary>To keep it on a new 5-tuple (RFC 8016 §3.2.1).</summary>
    Move,

    /// <summary>To delete it.</summary>
    Delete,

    /// <summary>To delete what another client left on this 5-tuple, before an allocation is made.</summary>
    Reclaim,

    /// <summary>To delete one that was just made and is of no use, in the background.</summary>
    Discard,
}
