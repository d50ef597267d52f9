namespace Ice.Simulation;

/// <summary>Whether two agents can reach each other without a relay.</summary>
public enum DirectPath
{
    /// <summary>They cannot, whatever they do.</summary>
    Impossible,

    /// <summary>Not by plain ICE; with predicted or guessed ports they may, and now and then by luck.</summary>
    WithPrediction,

    /// <summary>ICE must find the path.</summary>
    Certain,
}
