using Ice.Core;

namespace Ice;

/// <summary>A component's data goes another way from now on.</summary>
/// <param name="component">The component.</param>
/// <param name="pair">The pair, or null.</param>
/// <param name="previous">The pair before, or null.</param>
public sealed class IceSelectedPairChangedEventArgs(ComponentId component, CandidatePairInfo? pair, CandidatePairInfo? previous = null) : EventArgs
{
    /// <summary>The component.</summary>
    public ComponentId Component { get; } = component;

    /// <summary>The pair that data is sent on; null when nothing may be sent (RFC 7675 §5.1).</summary>
    public CandidatePairInfo? Pair { get; } = pair;

    /// <summary>The pair that data was sent on before; null when nothing was. The same pair, when it is its nomination that is told.</summary>
    public CandidatePairInfo? Previous { get; } = previous;

    /// <summary>How many bytes a datagram is expected to carry on the pair (<see cref="IceComponent.PayloadMtu"/>); null when nothing may be sent.</summary>
    public int? PayloadMtu { get => field ?? Path?.PayloadMtu; init; }

    /// <summary>Where data goes: it asks the system for the MTU when somebody wants to know.</summary>
    internal SendPath? Path { get; init; }
}
