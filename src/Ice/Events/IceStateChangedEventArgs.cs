namespace Ice;

/// <summary>The agent's state changed.</summary>
/// <param name="previous">The state before.</param>
/// <param name="state">The state now.</param>
/// <param name="reason">Why, for Failed and Disconnected.</param>
/// <param name="explanation">The reason in a sentence with what to try, or null.</param>
public sealed class IceStateChangedEventArgs(IceConnectionState previous, IceConnectionState state, IceFailureReason reason, string? explanation) : EventArgs
{
    /// <summary>The state before.</summary>
    public IceConnectionState Previous { get; } = previous;

    /// <summary>The state now.</summary>
    public IceConnectionState State { get; } = state;

    /// <summary>Why, for Failed and Disconnected; otherwise None.</summary>
    public IceFailureReason Reason { get; } = reason;

    /// <summary>The reason in a sentence with what to try; null where there is nothing to say.</summary>
    public string? Explanation { get; } = explanation;

    /// <summary>When it changed, as the agent's clock counts.</summary>
    internal long Timestamp { get; init; }
}
