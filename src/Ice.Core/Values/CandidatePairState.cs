namespace Ice;

/// <summary>The state of a candidate pair (RFC 8445 §6.1.2.6).</summary>
public enum CandidatePairState
{
    /// <summary>Not to be checked yet: a pair of the same foundation goes first.</summary>
    Frozen,

    /// <summary>To be checked as soon as its turn comes.</summary>
    Waiting,

    /// <summary>A check is under way.</summary>
    InProgress,

    /// <summary>A check succeeded.</summary>
    Succeeded,

    /// <summary>A check failed.</summary>
    Failed,
}
