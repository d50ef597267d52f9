using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Ice.Net;
using Stun;

namespace Ice;

/// <summary>What an agent has in place of a socket of its own: it sends with the mux's, and gets what the mux finds to be the agent's.</summary>
internal class MuxSocket : IPushDatagramSocket
{
    private const int HeaderLength = 20;

    // The sign says that it is closed; the rest counts the calls of the receiver that are under way.
    private const int Closed = int.MinValue;

    private readonly MuxPort _port;
    private readonly IDatagramSocket _socket;
    private TransportAddress[] _accepted = [];
    private TransportAddress _validated;
    private IDatagramReceiver? _receiver;
    private TaskCompletionSource? _completion;
    private int _state;

    protected MuxSocket(MuxPort port, IDatagramSocket socket)
    {
        _port = port;
        _socket = socket;
    }

    /// <inheritdoc/>
    public IPEndPoint LocalEndPoint => _port.LocalEndPoint;

    /// <inheritdoc/>
    public virtual DatagramMarking Marking => DatagramMarking.None;

    /// <inheritdoc/>
    public Task Completion
    {
        get
        {
            if (Volatile.Read(ref _receiver) is null && Volatile.Read(ref _state) == 0)
                return Task.CompletedTask;
            if (Volatile.Read(ref _completion) is null)
                Interlocked.CompareExchange(ref _completion, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);
            if (Volatile.Read(ref _state) == Closed)
                _completion!.TrySetResult();
            return _completion!.Task;
        }
    }

    /// <summary>The local address that it is at.</summary>
    public MuxPort Port => _port;

    /// <summary>Who is told that a router on the way to an address that the agent has proved has reported that a datagram was too big.</summary>
    public IPathMtuObserver? PathMtuObserver { get; set; }

    public static MuxSocket Create(MuxPort port, IDatagramSocket socket) =>
        socket is IMarkedDatagramSocket marked ? new MarkedMuxSocket(port, marked) : new MuxSocket(port, socket);

    /// <inheritdoc/>
    public void Start(IDatagramReceiver receiver, int maxDatagramSize, bool trafficClass)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _state) < 0, this);
        if (Interlocked.CompareExchange(ref _receiver, receiver, null) is not null)
            throw new InvalidOperationException("The socket was started before.");
    }

    /// <summary>Hands a datagram to the agent, on the loop that received it.</summary>
    /// <returns>False when the agent does not receive yet, or no more.</returns>
    public bool Deliver(ReadOnlySpan<byte> datagram, SocketAddress source, TrafficClass? trafficClass)
    {
        bool open = Interlocked.Increment(ref _state) > 0;
        try
        {
            if (!open || Volatile.Read(ref _receiver) is not { } receiver)
                return false;
            if (!_port.IsSharded)
            {
                receiver.OnDatagram(datagram, source, trafficClass);
                return true;
            }

            // Several loops receive for the port, and a receiver takes one call at a time.
            lock (receiver)
                receiver.OnDatagram(datagram, source, trafficClass);
            return true;
        }
        finally
        {
            if (Interlocked.Decrement(ref _state) == Closed)
                Volatile.Read(ref _completion)?.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public SocketError TrySendTo(ReadOnlySpan<byte> datagram, SocketAddress destination)
    {
        if (!BeforeSend(datagram))
            return SocketError.OperationAborted;
        return Send(datagram, destination);
    }

    /// <inheritdoc/>
    public ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, CancellationToken cancellationToken) =>
        BeforeSend(datagram.Span) ? SendAsync(datagram, destination, cancellationToken) : ValueTask.FromException(new ObjectDisposedException(nameof(MuxSocket)));

    /// <inheritdoc/>
    public virtual bool TrySetTrafficClass(TrafficClass trafficClass) => false;

    /// <inheritdoc/>
    public SocketAddress CreateAddress() => _socket.CreateAddress();

    /// <inheritdoc/>
    public ValueTask<int> ReceiveFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("A mux hands over what it receives: use Start.");

    /// <summary>The addresses that the agent accepts data from, and no others. Called by one thread at a time.</summary>
    public void SetAccepted(ReadOnlySpan<TransportAddress> addresses)
    {
        foreach (TransportAddress address in _accepted)
        {
            if (!addresses.Contains(address))
                _port.Router.Release(address, this);
        }

        TransportAddress[] before = _accepted;
        _accepted = addresses.ToArray();
        foreach (TransportAddress address in _accepted)
        {
            if (Array.IndexOf(before, address) < 0)
                Claim(address);
        }
    }

    /// <summary>The address that the agent sends data to, which has answered it; None for none. Called by one thread at a time.</summary>
    public void SetValidated(TransportAddress address)
    {
        TransportAddress before = _validated;
        if (before == address)
            return;
        _validated = address;
        if (Array.IndexOf(_accepted, before) >= 0)
            Claim(before);
        if (Array.IndexOf(_accepted, address) >= 0)
            Claim(address);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        int before = Interlocked.Or(ref _state, Closed);
        if (before < 0)
            return;
        if (before == 0)
            Volatile.Read(ref _completion)?.TrySetResult();
    }

    /// <summary>Forgets the agent and what it has proved. Called after <see cref="Dispose"/>, by one thread at a time.</summary>
    public void Leave()
    {
        Dispose();
        SetAccepted([]);
        Volatile.Write(ref _receiver, null);
        PathMtuObserver = null;
    }

    /// <summary>Notes a request, so that its response finds its way.</summary>
    /// <returns>False when the agent has closed.</returns>
    protected bool BeforeSend(ReadOnlySpan<byte> datagram)
    {
        // The bits 0x0110 of the type are the class (RFC 8489 §5), and a request has none of them.
        if (datagram.Length >= HeaderLength && ((datagram[0] << 8) | datagram[1]) is var type && (type & 0xC110) == 0 && LocalTransport.MayBeStun(datagram))
            _port.Router.AddTransaction(new TransactionId(datagram.Slice(8, TransactionId.Length)), this);
        return Volatile.Read(ref _state) >= 0;
    }

    protected virtual SocketError Send(ReadOnlySpan<byte> datagram, SocketAddress destination) => _socket.TrySendTo(datagram, destination);

    protected virtual ValueTask SendAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, CancellationToken cancellationToken) =>
        _socket.SendToAsync(datagram, destination, cancellationToken);

    private void Claim(TransportAddress address) => _port.Claim(address, this, address == _validated);
}
