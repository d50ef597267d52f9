using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>A socket that a <see cref="UdpPoller"/> receives for, and later perhaps a <see cref="UdpReader"/>.</summary>
/// <remarks>
/// The descriptor is used without a reference to its handle, which would keep the handle's owner from closing it. Instead whoever closes this
/// while a turn is under way leaves the closing of the socket to that turn, so that a descriptor in use is always the socket's own.
/// </remarks>
internal sealed class UdpReception
{
    // What one socket may take at a time before the others have their turn.
    private const int Burst = 64;

    // A socket gets a reader when it had one datagram at a time so many times in a row, and that within two seconds.
    private const int SinglesWithin = 2_000;

    // What the system puts together is no longer than the longest packet.
    private const int MaxPiece = 65_536;

    private const int Busy = 1;
    private const int Closed = 2;

    private readonly LinuxUdpSocket _socket;
    private readonly IDatagramReceiver _receiver;
    private readonly int _limit;
    private readonly bool _ipv6;
    private readonly bool _coalesces;
    private readonly bool _withControl;
    private UdpPoller? _poller;
    private TaskCompletionSource? _completion;
    private int _state;
    private int _singles;
    private long _singlesSince;
    private bool _finished;

    public UdpReception(LinuxUdpSocket socket, int descriptor, IDatagramReceiver receiver, int maxDatagramSize, bool ipv6, bool marked, bool coalesces)
    {
        _socket = socket;
        Descriptor = descriptor;
        _receiver = receiver;
        _limit = maxDatagramSize + 1;
        _ipv6 = ipv6;
        _coalesces = coalesces;
        _withControl = marked || coalesces;
    }

    /// <summary>The socket, as the system knows it.</summary>
    public int Descriptor { get; }

    /// <summary>The poller that receives for it, which sets it; null when it has a reader.</summary>
    public UdpPoller? Poller
    {
        get => Volatile.Read(ref _poller);
        set => Volatile.Write(ref _poller, value);
    }

    /// <summary>After how many datagrams that came one by one it gets a reader.</summary>
    public int SinglesBeforeReader { get; init; }

    /// <summary>Its place there; set by the poller.</summary>
    public int Number { get; set; }

    /// <summary>Ends when the socket is closed and no turn is under way.</summary>
    public Task Completion
    {
        get
        {
            TaskCompletionSource made = new(TaskCreationOptions.RunContinuationsAsynchronously);
            TaskCompletionSource completion = Interlocked.CompareExchange(ref _completion, made, null) ?? made;
            // Either this sees that all is over, or whoever ends it sees the source.
            if (Volatile.Read(ref _finished))
                completion.TrySetResult();
            return completion.Task;
        }
    }

    /// <summary>Whether the poller will come back to it without being told to; for the poller's thread alone, which sets it.</summary>
    public bool IsUnfinished { get; set; }

    private bool IsClosed => (Volatile.Read(ref _state) & Closed) != 0;

    /// <summary>Receives what is there. For the poller's thread alone.</summary>
    /// <param name="hasError">Whether the system has told more than that something is there.</param>
    /// <param name="scratch">What to receive into.</param>
    /// <returns>Whether there may be more: it had its share, and wants another turn.</returns>
    public bool OnReady(bool hasError, ReceiveScratch scratch)
    {
        if (Interlocked.CompareExchange(ref _state, Busy, 0) != 0)
            return false;
        bool more = hasError && _socket.TellErrors();
        more |= Receive(scratch, wait: false, out int taken);
        // What it has begun with is still its turn, which the reader goes on with.
        if (!more && HasManySingles(taken) && UdpReader.TryTake(this))
            return false;
        if ((Interlocked.And(ref _state, ~Busy) & Closed) == 0)
            return more;
        Finish();
        return false;
    }

    /// <summary>Leaves the poller, during the turn there, which goes on elsewhere.</summary>
    public void LeavePoller()
    {
        Poller!.Remove(this);
        Poller = null;
    }

    /// <summary>Receives, and waits for more, until it is closed: the rest of the turn. For the reader's thread alone, which finishes it afterwards.</summary>
    /// <param name="scratch">What to receive into.</param>
    public void ReceiveAll(ReceiveScratch scratch)
    {
        while (!IsClosed)
        {
            // The framework makes a descriptor one that does not wait when it has to wait itself, for room to send.
            if (!Receive(scratch, wait: true, out _) && !IsClosed)
                _socket.WaitForInput();
        }
    }

    /// <summary>Ends it and closes the socket: at once, or when the turn that is under way has ended. On any thread, from within a call of the receiver too.</summary>
    public void Close()
    {
        if (Interlocked.Or(ref _state, Closed) == 0)
            Finish();
        else if (Poller is null)
            _socket.EndWait();
    }

    private bool Receive(ReceiveScratch scratch, bool wait, out int taken)
    {
        int capacity = _coalesces ? MaxPiece : _limit;
        for (taken = 0; taken < Burst;)
        {
            SocketError error = scratch.Receive(Descriptor, _ipv6, capacity, _withControl, wait, out ReceivedPiece received);
            // What ends a wait looks like an empty datagram.
            if (IsClosed)
                return false;
            if (error == SocketError.Success)
            {
                taken += HandOver(received);
                continue;
            }

            if (error == SocketError.WouldBlock)
                return false;
            taken++;
            if (error != SocketError.Interrupted && !_socket.IsEcho(error))
                _receiver.OnReceiveError(error);
        }

        return true;
    }

    /// <summary>Whether datagrams come one by one, and often.</summary>
    private bool HasManySingles(int taken)
    {
        // An event may be late, and meet nothing.
        if (taken == 0)
            return false;
        if (taken > 1)
        {
            _singles = 0;
            return false;
        }

        if (_singles++ == 0)
            _singlesSince = Environment.TickCount64;
        if (_singles < SinglesBeforeReader)
            return false;
        _singles = 0;
        return Environment.TickCount64 - _singlesSince < SinglesWithin;
    }

    /// <returns>How many datagrams it was.</returns>
    private int HandOver(in ReceivedPiece received)
    {
        ReadOnlySpan<byte> data = received.Data;
        if (received.SegmentSize <= 0 || received.SegmentSize >= data.Length)
        {
            _receiver.OnDatagram(data[..Math.Min(data.Length, _limit)], received.Source, received.TrafficClass);
            return 1;
        }

        int count = 0;
        for (; !data.IsEmpty && !IsClosed; count++)
        {
            int length = Math.Min(data.Length, received.SegmentSize);
            _receiver.OnDatagram(data[..Math.Min(length, _limit)], received.Source, received.TrafficClass);
            data = data[length..];
        }

        return count;
    }

    /// <summary>Closes the socket, and lets those know who wait for it. For whoever ends the last turn.</summary>
    public void Finish()
    {
        Poller?.Remove(this);
        _socket.CloseSocket();
        Volatile.Write(ref _finished, true);
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _completion)?.TrySetResult();
    }
}
