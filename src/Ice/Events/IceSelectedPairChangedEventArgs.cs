using Ice.Core;

namespace Ice;

/// <summary>A component's data goes another way from now on.</summary>
/// <param name="component">The component.</param>
/// <param name="pair">The pair, or null.</param>
public sealed class IceSelectedPairChangedEventArgs(ComponentId component, CandidatePairInfo? pair) : EventArgs
{
    /// <summary>The component.</summary>
    public ComponentId Component { get; } = component;

    /// <summary>The pair that data is sent on; null when nothing may be sent (RFC 7675 §5.1).</summary>
    public CandidatePairInfo? Pair { get; } = pair;
}
