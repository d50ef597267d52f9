using Ice.Core;

namespace Ice;

/// <summary>The application datagrams that went over one path. Sends may come from any thread; one receive loop counts what arrives.</summary>
internal sealed class PathTraffic(IcePath path)
{
    private long _packetsSent;
    private long _bytesSent;
    private long _packetsDiscarded;
    private long _bytesDiscarded;
    private long _packetsReceived;
    private long _bytesReceived;

    public IcePath Path { get; } = path;

    public long PacketsSent => Interlocked.Read(ref _packetsSent);

    public long BytesSent => Interlocked.Read(ref _bytesSent);

    public long PacketsDiscarded => Interlocked.Read(ref _packetsDiscarded);

    public long BytesDiscarded => Interlocked.Read(ref _bytesDiscarded);

    public long PacketsReceived => Volatile.Read(ref _packetsReceived);

    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    public void CountSent(int length) => CountSent(1, length);

    public void CountSent(int packets, int bytes)
    {
        Interlocked.Add(ref _packetsSent, packets);
        Interlocked.Add(ref _bytesSent, bytes);
    }

    public void CountDiscarded(int length)
    {
        Interlocked.Increment(ref _packetsDiscarded);
        Interlocked.Add(ref _bytesDiscarded, length);
    }

    /// <summary>Counts a received datagram. Only the receive loop of the path's base may call this.</summary>
    public void CountReceived(int length)
    {
        Volatile.Write(ref _packetsReceived, _packetsReceived + 1);
        Volatile.Write(ref _bytesReceived, _bytesReceived + length);
    }
}
