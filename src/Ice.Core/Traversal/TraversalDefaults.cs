namespace Ice.Core;

/// <summary>The times of probing; no RFC names them.</summary>
internal static class TraversalDefaults
{
    /// <summary>How long after the first check probes begin: by then ordinary checks have left, been repeated once, and been answered where a path is open.</summary>
    public static readonly TimeSpan ProbeDelay = TimeSpan.FromSeconds(1);

    /// <summary>The least time from the start of a round of probes to that of the next.</summary>
    public static readonly TimeSpan RoundInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>How often each extra socket sends: well within the 30 s after which hasty NATs forget a mapping, and often enough to make up for a loss.</summary>
    public static readonly TimeSpan GuessInterval = TimeSpan.FromSeconds(5);

    /// <summary>How long after the last probe an answer is still hoped for.</summary>
    public static readonly TimeSpan AnswerWait = TimeSpan.FromSeconds(1);

    /// <summary>How many ports beyond the samples the first round takes; each round takes twice as many as the one before.</summary>
    public const int FirstRound = 16;

    /// <summary>How many ports the widest round takes.</summary>
    public const int WidestRound = 128;

    /// <summary>To how many addresses of the peer each extra socket sends.</summary>
    public const int MaxGuessDestinations = 2;

    /// <summary>How many mappings the ledger remembers.</summary>
    public const int MaxMappings = 512;

    /// <summary>How many mappings made before the first sample are looked back for.</summary>
    public const int MaxLookBack = 8;
}
