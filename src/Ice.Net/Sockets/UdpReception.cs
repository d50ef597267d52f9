using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>A socket that a <see cref="UdpPoller"/> receives for.</summary>
/// <remarks>
/// The descriptor is used without a reference to its handle, which would keep the handle's owner from closing it. Instead whoever closes this
/// while a turn is under way leaves the closing of the socket to that turn, so that a descriptor in use is always the socket's own.
/// </remarks>
internal sealed class UdpReception
{
    // What one socket may take at a time before the others have their turn.
    private const int Burst = 64;

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
    private TaskCompletionSource? _completion;
    private int _state;
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

    /// <summary>Who receives for it; set by it.</summary>
    public UdpPoller? Poller { get; set; }

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
        more |= Receive(scratch);
        if ((Interlocked.And(ref _state, ~Busy) & Closed) == 0)
            return more;
        Finish();
        return false;
    }

    /// <summary>Ends it and closes the socket: at once, or when the turn that is under way has ended. On any thread, from within a call of the receiver too.</summary>
    public void Close()
    {
        if (Interlocked.Or(ref _state, Closed) == 0)
            Finish();
    }

    private bool Receive(ReceiveScratch scratch)
    {
        int capacity = _coalesces ? MaxPiece : _limit;
        for (int taken = 0; taken < Burst;)
        {
            if (IsClosed)
                return false;
            SocketError error = scratch.Receive(Descriptor, _ipv6, capacity, _withControl, out ReceivedPiece received);
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

    private void Finish()
    {
        Poller!.Remove(this);
        _socket.CloseSocket();
        Volatile.Write(ref _finished, true);
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _completion)?.TrySetResult();
    }
}
