using Ice.Core;

namespace Ice;

/// <summary>Where a component's datagrams go, fixed when the pair was selected. Immutable but for its counters; thread-safe.</summary>
internal abstract class SendPath(PathTraffic traffic, CandidatePairInfo pair)
{
    public CandidatePairInfo Pair { get; } = pair;

    public PathTraffic Traffic { get; } = traffic;

    /// <summary>Sends without waiting.</summary>
    /// <returns>False when the system had no room or refused.</returns>
    public abstract bool TrySend(ReadOnlySpan<byte> datagram);

    /// <summary>Sends, waiting for room.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancellationToken);

    protected static IceException TooLarge(int length) => new(
        IceError.DatagramTooLarge,
        $"A datagram of {length} bytes is more than the system sends at once: split it (1,200 bytes pass nearly everywhere).");
}
