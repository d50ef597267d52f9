using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace DtlsInterop;

/// <summary>The application at the bridge of a media case: DTLS goes to OpenSSL and back, RTP is kept (RFC 7983 §7).</summary>
internal sealed class MediaTap : IDisposable
{
    // Some seconds of a tone and a small picture.
    private const int EnoughPackets = 200;

    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private readonly Socket _bridgeSide = Open();
    private readonly Socket _opensslSide = Open();
    private readonly List<byte[]> _rtp = [];
    private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IPEndPoint _openssl;
    private IPEndPoint? _bridge;
    private int _rtcp;

    public MediaTap(IPEndPoint openssl) => _openssl = openssl;

    public IPEndPoint EndPoint => (IPEndPoint)_bridgeSide.LocalEndPoint!;

    private int Count
    {
        get
        {
            lock (_gate)
                return _rtp.Count;
        }
    }

    public void Start(IPEndPoint bridge)
    {
        _bridge = bridge;
        _ = ForwardAsync(_bridgeSide, (datagram, _) => Take(datagram));
        _ = ForwardAsync(_opensslSide, (datagram, _) => _bridgeSide.SendTo(datagram, bridge));
    }

    /// <summary>Waits for packets and checks each: authentic, and none missing.</summary>
    public async Task<string> CheckAsync(SrtpKeys keys, CancellationToken cancellationToken)
    {
        try
        {
            await _enough.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"{_rtp.Count} RTP packets and {_rtcp} RTCP packets came, {EnoughPackets} were expected");
        }

        List<byte[]> packets;
        lock (_gate)
            packets = [.. _rtp];
        int sources = 0;
        foreach (IGrouping<uint, byte[]> source in packets.GroupBy(packet => BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(8))))
        {
            sources++;
            CheckSource(source.Key, [.. source], keys);
        }

        return sources == 2 ? $"{packets.Count} SRTP packets of 2 sources, all authentic and none missing; {_rtcp} of SRTCP" : throw new InvalidOperationException($"audio and video were expected, and {sources} sources came");
    }

    /// <summary>Waits for so many packets more.</summary>
    public async Task FlowAsync(int more, CancellationToken cancellationToken)
    {
        int end = Count + more;
        using var timer = new PeriodicTimer(s_step);
        while (Count < end)
            _ = await timer.WaitForNextTickAsync(cancellationToken);
    }

    /// <summary>Sends datagrams that look like RTP to the browser, which counts them, until it is stopped.</summary>
    /// <returns>How many.</returns>
    public async Task<int> SendAsync(CancellationToken stop)
    {
        byte[] packet = new byte[200];
        packet[0] = 0x80;
        packet[1] = 127;
        int sent = 0;
        using var timer = new PeriodicTimer(s_step);
        try
        {
            for (; await timer.WaitForNextTickAsync(stop); sent++)
                _ = _bridgeSide.SendTo(packet, _bridge!);
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        return sent;
    }

    /// <summary>Checks all that has come, whatever its order: when the pair changes, two sockets are read at the same time.</summary>
    /// <returns>How many there are.</returns>
    public int CheckAll(SrtpKeys keys)
    {
        byte[][] packets;
        lock (_gate)
            packets = [.. _rtp];
        foreach (IGrouping<uint, byte[]> source in packets.GroupBy(packet => BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(8))))
            CheckSource(source.Key, InOrder([.. source]), keys);
        return packets.Length;
    }

    public void Dispose()
    {
        _bridgeSide.Dispose();
        _opensslSide.Dispose();
    }

    private static void CheckSource(uint source, byte[][] packets, SrtpKeys keys)
    {
        uint rollovers = 0;
        ushort expected = Sequence(packets[0]);
        foreach (byte[] packet in packets)
        {
            ushort sequence = Sequence(packet);
            if (sequence != expected)
                throw new InvalidOperationException($"source {source:x8}: sequence number {sequence} came where {expected} was due");
            if (!keys.IsAuthentic(packet, rollovers))
                throw new InvalidOperationException($"source {source:x8}: packet {sequence} is not protected with the keys of the handshake");
            expected++;
            if (expected == 0)
                rollovers++;
        }
    }

    private static byte[][] InOrder(byte[][] packets)
    {
        var order = new int[packets.Length];
        for (int i = 1; i < packets.Length; i++)
            order[i] = order[i - 1] + (short)(Sequence(packets[i]) - Sequence(packets[i - 1]));
        Array.Sort(order, packets);
        return packets;
    }

    private static ushort Sequence(byte[] packet) => BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(2));

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static async Task ForwardAsync(Socket from, Action<byte[], EndPoint> take)
    {
        byte[] buffer = new byte[2048];
        try
        {
            while (true)
            {
                SocketReceiveFromResult received = await from.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                take(buffer[..received.ReceivedBytes], received.RemoteEndPoint);
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // The case is over.
        }
    }

    private void Take(byte[] datagram)
    {
        // 20 to 63 is DTLS, 128 to 191 RTP and RTCP (RFC 7983 §7), which their second byte tells apart (RFC 5761 §4).
        if (datagram is [>= 20 and <= 63, ..])
            _ = _opensslSide.SendTo(datagram, _openssl);
        else if (datagram is [>= 128 and <= 191, >= 192 and <= 223, ..])
            _ = Interlocked.Increment(ref _rtcp);
        else if (datagram is [>= 128 and <= 191, ..] && datagram.Length > 22)
            Keep(datagram);
    }

    private void Keep(byte[] packet)
    {
        lock (_gate)
        {
            _rtp.Add(packet);
            if (_rtp.Count >= EnoughPackets)
                _ = _enough.TrySetResult();
        }
    }
}
