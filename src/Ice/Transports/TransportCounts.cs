namespace Ice;

/// <summary>What sockets have counted.</summary>
internal readonly record struct TransportCounts(long StunReceived, long Unaccepted, long Oversized, long ReceiveErrors)
{
    public static TransportCounts operator +(TransportCounts left, TransportCounts right) => new(
        left.StunReceived + right.StunReceived,
        left.Unaccepted + right.Unaccepted,
        left.Oversized + right.Oversized,
        left.ReceiveErrors + right.ReceiveErrors);
}
