using System.Net;

namespace Ice.Net;

/// <summary>What one call of the system received: a datagram, or several of one sender. In buffers that are used again.</summary>
internal readonly ref struct ReceivedPiece(ReadOnlySpan<byte> data, int segmentSize, SocketAddress source, TrafficClass? trafficClass)
{
    /// <summary>The datagrams, one behind the other.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;

    /// <summary>How long each of them is, but the last, which may be shorter; 0 when there is only one.</summary>
    public int SegmentSize { get; } = segmentSize;

    /// <summary>Who sent them.</summary>
    public SocketAddress Source { get; } = source;

    /// <summary>How they were marked; the system puts none together whose marks differ.</summary>
    public TrafficClass? TrafficClass { get; } = trafficClass;
}
