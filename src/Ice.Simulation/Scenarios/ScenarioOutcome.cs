namespace Ice.Simulation;

/// <summary>How a run ended.</summary>
public enum ScenarioOutcome
{
    /// <summary>Both agents are connected.</summary>
    Connected,

    /// <summary>Both agents failed.</summary>
    Failed,

    /// <summary>The agents do not agree, or one never came to an end: never right.</summary>
    Undecided,
}
