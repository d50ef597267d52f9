using Stun;

namespace Ice.Simulation;

/// <summary>
/// A TCP connection of a simulated host: as much of TCP (RFC 9293) as it takes for a stream of bytes to arrive whole and in order through NATs,
/// firewalls and loss. No congestion control and no window: what is sent leaves at once.
/// </summary>
/// <remarks>Segments out of order are dropped and sent again. The other end is told of <see cref="Close"/> once, by a reset.</remarks>
public sealed class SimStream
{
    /// <summary>How often a segment is sent at most before the connection is given up.</summary>
    public const int MaxAttempts = 7;

    /// <summary>The most data of one segment, in bytes.</summary>
    public const int MaxSegmentLength = 1_400;

    // RFC 6298 §2: "Until a round-trip time (RTT) measurement has been made for a segment sent between the sender and receiver, the sender
    // SHOULD set RTO <- 1 second"
    private static readonly TimeSpan s_firstTimeout = TimeSpan.FromSeconds(1);

    // Less than the second of RFC 6298, as operating systems have it.
    private static readonly TimeSpan s_minTimeout = TimeSpan.FromMilliseconds(200);

    private readonly SimHost _host;
    private readonly SimInterface _nic;
    private readonly Queue<SimPacket> _unacknowledged = new();
    private readonly List<byte> _waiting = [];
    private uint _sendNext;
    private uint _receiveNext;
    private int _attempts;
    private long _timer;
    private Instant? _measuredSince;
    private TimeSpan _timeout = s_firstTimeout;

    internal SimStream(SimHost host, SimInterface nic, TransportAddress local, TransportAddress remote)
    {
        _host = host;
        _nic = nic;
        LocalAddress = local;
        RemoteAddress = remote;
    }

    /// <summary>Our address.</summary>
    public TransportAddress LocalAddress { get; }

    /// <summary>The other end's address, as it is seen here.</summary>
    public TransportAddress RemoteAddress { get; }

    /// <summary>The interface that it was opened on.</summary>
    public SimInterface Interface => _nic;

    /// <summary>Whether data flows.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether it has ended.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Called when the connection is there.</summary>
    public Action? Opened { get; set; }

    /// <summary>Called with the next bytes; valid within the call only.</summary>
    public Action<ReadOnlyMemory<byte>>? Received { get; set; }

    /// <summary>Called once with the reason when the connection has ended, or could not be made, unless <see cref="Close"/> ended it.</summary>
    public Action<string>? Closed { get; set; }

    /// <summary>Sends bytes, or keeps them until the connection is there.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (!IsOpen)
        {
            _waiting.AddRange(bytes);
            return;
        }

        while (!bytes.IsEmpty)
        {
            int length = Math.Min(bytes.Length, MaxSegmentLength);
            Transmit(TcpFlags.Acknowledge, bytes[..length].ToArray());
            bytes = bytes[length..];
        }
    }

    /// <summary>Ends the connection.</summary>
    public void Close()
    {
        if (IsClosed)
            return;
        Emit(Segment(TcpFlags.Reset | TcpFlags.Acknowledge, default));
        End(null);
    }

    internal void Connect() => Transmit(TcpFlags.Synchronize, default);

    internal void Arrived(in SimPacket packet)
    {
        TcpHeader header = packet.Tcp;
        if (header.Flags.HasFlag(TcpFlags.Reset))
        {
            End(IsOpen ? "the other end has closed the connection" : "the connection was refused");
            return;
        }

        if (header.Flags.HasFlag(TcpFlags.Acknowledge))
            Acknowledged(header.Acknowledgment);
        bool synchronizes = header.Flags.HasFlag(TcpFlags.Synchronize);
        uint length = (uint)packet.Payload.Length + (synchronizes ? 1u : 0u);
        bool isNext = synchronizes ? !IsOpen && _receiveNext == 0 : header.Sequence == _receiveNext;
        if (isNext && length > 0)
            _receiveNext = header.Sequence + length;
        if (synchronizes && !header.Flags.HasFlag(TcpFlags.Acknowledge))
        {
            // The first SYN is answered by SYN-ACK; a copy of it is answered when that is sent again.
            if (isNext)
                Transmit(TcpFlags.Synchronize | TcpFlags.Acknowledge, default);
            return;
        }

        if (length > 0)
            Emit(Segment(TcpFlags.Acknowledge, default));
        if (!IsOpen && _unacknowledged.Count == 0)
            Open();
        if (isNext && !packet.Payload.IsEmpty && !IsClosed)
            Received?.Invoke(packet.Payload);
    }

    private void Open()
    {
        IsOpen = true;
        Opened?.Invoke();
        byte[] waiting = [.. _waiting];
        _waiting.Clear();
        if (!IsClosed)
            Send(waiting);
    }

    private void Acknowledged(uint upTo)
    {
        bool progress = false;
        while (_unacknowledged.TryPeek(out SimPacket first) && unchecked((int)(upTo - End(first))) >= 0)
        {
            _ = _unacknowledged.Dequeue();
            progress = true;
        }

        if (!progress)
            return;
        // RFC 6298 §3: "RTT samples MUST NOT be made using segments that were retransmitted"
        if (_attempts <= 1 && _measuredSince is { } since)
            _timeout = TimeSpan.FromTicks(Math.Max((_host.Network.Now - since).Ticks * 2, s_minTimeout.Ticks));
        _measuredSince = null;
        _attempts = _unacknowledged.Count > 0 ? 1 : 0;
        StartTimer();
    }

    private static uint End(in SimPacket segment) =>
        unchecked(segment.Tcp.Sequence + (uint)segment.Payload.Length + (segment.Tcp.Flags.HasFlag(TcpFlags.Synchronize) ? 1u : 0u));

    private void Transmit(TcpFlags flags, ReadOnlyMemory<byte> payload)
    {
        SimPacket segment = Segment(flags, payload);
        _sendNext = End(segment);
        _unacknowledged.Enqueue(segment);
        Emit(segment);
        if (_unacknowledged.Count > 1)
            return;
        _attempts = 1;
        _measuredSince = _host.Network.Now;
        StartTimer();
    }

    private SimPacket Segment(TcpFlags flags, ReadOnlyMemory<byte> payload) =>
        new(LocalAddress, RemoteAddress, payload) { Protocol = SimProtocol.Tcp, Tcp = new TcpHeader(flags, _sendNext, _receiveNext) };

    private void Emit(in SimPacket segment) => _host.Send(_nic, segment);

    // Every start makes the timers before it void.
    private void StartTimer()
    {
        long started = ++_timer;
        if (_unacknowledged.Count == 0)
            return;
        _host.Network.Schedule(_timeout * (1 << (_attempts - 1)), () =>
        {
            if (started == _timer && !IsClosed)
                TimedOut();
        });
    }

    private void TimedOut()
    {
        if (_attempts >= MaxAttempts)
        {
            End(IsOpen ? "the other end does not acknowledge what is sent" : "nobody answers the attempt to connect");
            return;
        }

        _attempts++;
        _measuredSince = null;
        foreach (SimPacket segment in _unacknowledged)
            Emit(segment with { Tcp = segment.Tcp with { Acknowledgment = _receiveNext } });
        StartTimer();
    }

    private void End(string? reason)
    {
        if (IsClosed)
            return;
        IsClosed = true;
        IsOpen = false;
        _timer++;
        _host.Remove(this);
        if (reason is not null)
            Closed?.Invoke(reason);
    }
}
