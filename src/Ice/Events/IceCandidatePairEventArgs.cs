using Ice.Core;

namespace Ice;

/// <summary>A candidate pair was formed or changed its state.</summary>
/// <param name="pair">The pair as it stood then.</param>
public sealed class IceCandidatePairEventArgs(CandidatePairInfo pair) : EventArgs
{
    /// <summary>The pair as it stood then.</summary>
    public CandidatePairInfo Pair { get; } = pair;
}
