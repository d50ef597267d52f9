using Ice.Core;
using Turn;

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

    /// <summary>The peer's data in a ChannelData message, when it came on the channel of this path; false for everything else.</summary>
    public virtual bool TryUnwrap(IcePath path, ReadOnlySpan<byte> datagram, out IcePath inner, out ReadOnlySpan<byte> data)
    {
        inner = default;
        data = default;
        return false;
    }

    /// <summary>The same for a path that has a channel.</summary>
    /// <remarks>
    /// The path is replaced as soon as the machine loses the channel or the permission, so that a channel found here is one that it believes in
    /// (RFC 8656 §12.6).
    /// </remarks>
    protected bool TryUnwrap(RelayRoute route, IcePath path, ReadOnlySpan<byte> datagram, out IcePath inner, out ReadOnlySpan<byte> data)
    {
        inner = Pair.Path;
        return ChannelData.TryParse(datagram, out ushort channel, out data) && channel == route.Channel && path == route.Server;
    }

    protected static IceException TooLarge(int length) => new(
        IceError.DatagramTooLarge,
        $"A datagram of {length} bytes is more than the system sends at once: split it (1,200 bytes pass nearly everywhere).");
}
