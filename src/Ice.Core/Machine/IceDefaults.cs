namespace Ice.Core;

/// <summary>Every constant of the agent, under the sentence that it comes from.</summary>
public static class IceDefaults
{
    /// <summary>The least Ta.</summary>
    /// <remarks>RFC 8445 §14.2: "the agents MUST NOT use a Ta value smaller than 5 ms".</remarks>
    public static readonly TimeSpan MinimumPacing = TimeSpan.FromMilliseconds(5);

    /// <summary>How many urgent transactions (triggered checks, nominations) may leave before their Ta has passed; see docs/departures.md.</summary>
    public const int UrgentBurst = 3;
}
