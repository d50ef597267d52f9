using System.Net;

namespace Bench;

/// <summary>What two agents gather from.</summary>
/// <param name="Kind">The candidates to tell.</param>
/// <param name="ServerA">The STUN or TURN server of the controlling agent; null for host candidates.</param>
/// <param name="ServerB">That of the controlled one.</param>
internal sealed record PairPlan(PathKind Kind, IPEndPoint? ServerA, IPEndPoint? ServerB)
{
    public const string User = "bench";

    public const string Password = "bench-password";

    /// <summary>Ta, for agents that can be told.</summary>
    public TimeSpan Pacing { get; init; } = TimeSpan.FromMilliseconds(50);

    public static PairPlan Host { get; } = new(PathKind.Host, null, null);
}
