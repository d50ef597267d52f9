namespace Ice.Simulation;

/// <summary>What became of a session.</summary>
public enum SessionEnd
{
    /// <summary>Both agents are connected, without a relay.</summary>
    Direct,

    /// <summary>Both agents are connected, through a relay.</summary>
    Relayed,

    /// <summary>At least one of them has failed, or they did not come to an end.</summary>
    Failed,
}
