using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>Many datagrams with one call: UDP_SEGMENT and UDP_GRO (udp(7)).</summary>
public sealed partial class LinuxUdpSocket : IBatchDatagramSocket
{
    // UDP_MAX_SEGMENTS; later kernels take more.
    private const int MaxSegments = 64;

    // What fits into one IPv4 packet: the system builds one before it takes it apart.
    private const int MaxBatch = 65_507;

    // From this size on datagrams are sent one by one: 0 where the system never took several at once.
    private int _refusedSegment = int.MaxValue;

    /// <summary>From which length on datagrams are sent one by one, as far as it was tried; for tests.</summary>
    internal int RefusedSegment => Volatile.Read(ref _refusedSegment);

    /// <inheritdoc/>
    public int TrySendBatch(ReadOnlySpan<byte> datagrams, int segmentSize, SocketAddress destination, TrafficClass? trafficClass, out SocketError error)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfLessThan(segmentSize, 1);
        ReadOnlySpan<byte> name = destination.Buffer.Span[..destination.Size];
        int sent = 0;
        error = SocketError.Success;
        while (!datagrams.IsEmpty)
        {
            int length = Math.Min(datagrams.Length, segmentSize * CountAtOnce(segmentSize));
            error = Send([], datagrams[..length], name, trafficClass, length > segmentSize ? segmentSize : 0);
            if (error == SocketError.Success)
            {
                sent += (length + segmentSize - 1) / segmentSize;
                datagrams = datagrams[length..];
            }
            else if (length <= segmentSize || !IsRefusal(error, segmentSize))
            {
                return sent;
            }
        }

        return sent;
    }

    /// <inheritdoc/>
    public bool TrySetCoalescing(bool value)
    {
        lock (_handle)
        {
            ThrowIfStarted();
            bool done = TrySet(LinuxMessages.UdpLevel, LinuxMessages.UdpCoalesce, value ? 1 : 0);
            _coalesces = done && value;
            return done;
        }
    }

    /// <summary>Makes the system refuse to take a datagram apart, by asking for no checksum, without which IPv6 does not go; for tests.</summary>
    internal bool RefuseSegments()
    {
        if (_ipv6)
        {
            _refusedSegment = 1;
            return true;
        }

        // SOL_SOCKET, SO_NO_CHECK: what is taken apart needs a checksum for each.
        const int SocketLevel = 1;
        const int NoChecksum = 11;
        return TrySet(SocketLevel, NoChecksum, 1);
    }

    private int CountAtOnce(int segmentSize)
    {
        if (_refusedSegment == int.MaxValue)
        {
            // Kernels before 4.18 do not know the option, and would send all of it as one datagram.
            bool known = TrySet(LinuxMessages.UdpLevel, LinuxMessages.UdpSegment, 0);
            _ = Interlocked.CompareExchange(ref _refusedSegment, known ? MaxBatch : 0, int.MaxValue);
        }

        return segmentSize >= Volatile.Read(ref _refusedSegment) ? 1 : Math.Clamp(MaxBatch / segmentSize, 1, MaxSegments);
    }

    /// <summary>Whether the system does not take several datagrams of a size at once, which is remembered.</summary>
    private bool IsRefusal(SocketError error, int segmentSize)
    {
        switch (error)
        {
            // One of them does not fit the path's MTU; by itself it is fragmented, or refused with a reason.
            case SocketError.InvalidArgument or SocketError.MessageSize:
                Volatile.Write(ref _refusedSegment, Math.Min(Volatile.Read(ref _refusedSegment), segmentSize));
                return true;
            // EIO: the device computes no checksums.
            case SocketError.Fault or SocketError.OperationNotSupported or SocketError.ProtocolOption:
                Volatile.Write(ref _refusedSegment, 0);
                return true;
            default:
                return false;
        }
    }
}
