using Stun;

namespace Ice.Core;

/// <summary>Which probes one component sends, in order.</summary>
internal abstract class ProbePlan
{
    /// <summary>How many it has given.</summary>
    public int Given { get; protected set; }

    /// <summary>Whether it gives no more.</summary>
    public bool IsExhausted { get; protected set; }

    /// <summary>The next probe.</summary>
    /// <param name="now">The time.</param>
    /// <param name="path">From which base to which address.</param>
    /// <param name="retryAt">Without one: when there may be one; Never when that is not a matter of time.</param>
    public abstract bool TryNext(Instant now, out IcePath path, out Instant retryAt);
}
