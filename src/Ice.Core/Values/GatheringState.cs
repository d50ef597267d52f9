namespace Ice;

/// <summary>Where the gathering of local candidates stands.</summary>
public enum GatheringState
{
    /// <summary>Not begun.</summary>
    New,

    /// <summary>Candidates may still come.</summary>
    Gathering,

    /// <summary>All local candidates are known.</summary>
    Complete,
}
