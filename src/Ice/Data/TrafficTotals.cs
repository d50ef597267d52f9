namespace Ice;

/// <summary>Sums of <see cref="PathTraffic"/>.</summary>
internal readonly record struct TrafficTotals(long PacketsSent, long BytesSent, long PacketsReceived, long BytesReceived, long PacketsDiscarded)
{
    public static TrafficTotals Of(PathTraffic traffic) =>
        new(traffic.PacketsSent, traffic.BytesSent, traffic.PacketsReceived, traffic.BytesReceived, traffic.PacketsDiscarded);

    public static TrafficTotals operator +(TrafficTotals left, TrafficTotals right) => new(
        left.PacketsSent + right.PacketsSent,
        left.BytesSent + right.BytesSent,
        left.PacketsReceived + right.PacketsReceived,
        left.BytesReceived + right.BytesReceived,
        left.PacketsDiscarded + right.PacketsDiscarded);
}
