using Ice.Core;
using Ice.Net;
using Stun;
using Turn;

namespace Ice;

/// <summary>Where a component's datagrams go, fixed when the pair was selected. Immutable but for its counters and its MTU; thread-safe.</summary>
internal abstract class SendPath(PathTraffic traffic, CandidatePairInfo pair)
{
    private int _payloadMtu = int.MaxValue;

    public CandidatePairInfo Pair { get; } = pair;

    public PathTraffic Traffic { get; } = traffic;

    /// <summary>What can be done about the traffic class of its datagrams.</summary>
    public virtual DatagramMarking Marking => DatagramMarking.None;

    /// <summary>How many bytes of data one datagram is expected to carry unfragmented. Who asks first has the system asked, which takes some microseconds.</summary>
    public int PayloadMtu
    {
        get
        {
            if (Volatile.Read(ref _payloadMtu) == int.MaxValue)
                _ = UpdateMtu();
            return Volatile.Read(ref _payloadMtu);
        }
    }

    /// <summary>Sends without waiting.</summary>
    /// <returns>False when the system had no room or refused.</returns>
    public abstract bool TrySend(ReadOnlySpan<byte> datagram, TrafficClass? trafficClass);

    /// <summary>Sends datagrams of one length, the last of which may be shorter, without waiting.</summary>
    /// <returns>How many were sent: the first so many.</returns>
    /// <exception cref="IceException">DatagramTooLarge: the system does not send so much at once. Nothing was sent.</exception>
    public virtual int TrySendBatch(ReadOnlySpan<byte> datagrams, int segmentSize, TrafficClass? trafficClass)
    {
        int sent = 0;
        for (; !datagrams.IsEmpty; sent++)
        {
            int length = Math.Min(datagrams.Length, segmentSize);
            if (!TrySend(datagrams[..length], trafficClass))
                break;
            datagrams = datagrams[length..];
        }

        return sent;
    }

    /// <summary>Sends, waiting for room.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> datagram, TrafficClass? trafficClass, CancellationToken cancellationToken);

    /// <summary>Asks the system what it has learned of the way to where the datagrams are sent, the peer or its server.</summary>
    /// <param name="transport">The socket that heard of a change, and <paramref name="destination"/> for which address; null at the beginning.</param>
    /// <param name="destination">The address.</param>
    /// <returns>Whether less fits now than before. It never grows: what a router has said once is believed until the pair changes.</returns>
    public bool UpdateMtu(LocalTransport? transport = null, TransportAddress destination = default)
    {
        if (transport is not null && !GoesTo(transport, destination))
            return false;
        int value = ReadMtu();
        int known;
        while (value < (known = Volatile.Read(ref _payloadMtu)))
        {
            if (Interlocked.CompareExchange(ref _payloadMtu, value, known) == known)
                return true;
        }

        return false;
    }

    /// <summary>The peer's data in a ChannelData message, when it came on the channel of this path; false for everything else.</summary>
    public virtual bool TryUnwrap(IcePath path, ReadOnlySpan<byte> datagram, out IcePath inner, out ReadOnlySpan<byte> data)
    {
        inner = default;
        data = default;
        return false;
    }

    /// <summary>Whether this path's packets leave by a socket for an address.</summary>
    protected virtual bool GoesTo(LocalTransport transport, TransportAddress destination) => false;

    /// <summary>What the system knows now.</summary>
    protected abstract int ReadMtu();

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

    /// <summary>Counts what became of a batch.</summary>
    /// <param name="length">All of it, in bytes of data.</param>
    /// <param name="segmentSize">The length of one datagram.</param>
    /// <param name="sent">How many of them were sent.</param>
    protected void CountBatch(int length, int segmentSize, int sent)
    {
        int bytes = Math.Min(length, sent * segmentSize);
        if (sent > 0)
            Traffic.CountSent(sent, bytes);
        // As with a loop, the one that was refused is lost, and those behind it were not tried.
        if (bytes < length)
            Traffic.CountDiscarded(Math.Min(segmentSize, length - bytes));
    }

    protected static IceException TooLarge(int length) => new(
        IceError.DatagramTooLarge,
        $"A datagram of {length} bytes is more than the system sends at once: split it (1,200 bytes pass nearly everywhere).");
}
