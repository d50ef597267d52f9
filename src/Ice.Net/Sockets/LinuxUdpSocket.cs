using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ice.Net;

/// <summary>
/// A UDP socket on one local address with what Linux has to offer beyond <see cref="PortableUdpSocket"/>: each datagram's traffic class, sending
/// from two buffers, a loop that receives for many sockets, and what ICMP says of the path's MTU. Allocates nothing per datagram, also where
/// the system refuses one.
/// </summary>
public sealed partial class LinuxUdpSocket : IMarkedDatagramSocket, IPathMtuSocket, IPushDatagramSocket
{
    // Fairness: an error queue that others fill faster than it is read must not hold up a send or a receive.
    private const int MaxErrors = 64;

    // Whoever receives datagrams of the socket can have such messages sent, and each costs more than a datagram does: enough is enough.
    private const int MaxErrorsInAll = 256;
    private const int MaxAttempts = 4;

    // How long a thread of the pool waits for room before it looks whether it still should.
    private static readonly TimeSpan s_wait = TimeSpan.FromMilliseconds(10);

    // The lock too, of what begins and ends, and of the error queue.
    private readonly SafeSocketHandle _handle;
    private readonly int _descriptor;
    private readonly bool _ipv6;
    private readonly bool _hadErrorQueue;
    private volatile Socket? _socket;
    private UdpReception? _reception;
    private volatile bool _disposed;
    private bool _asksForTrafficClass;
    private bool _coalesces;
    private volatile bool _hasErrorQueue;
    private int _errors;

    private LinuxUdpSocket(Socket socket, IPAddress address)
    {
        _handle = socket.SafeHandle;
        _descriptor = (int)_handle.DangerousGetHandle();
        _ipv6 = socket.AddressFamily == AddressFamily.InterNetworkV6;
        LocalEndPoint = new IPEndPoint(address, ((IPEndPoint)socket.LocalEndPoint!).Port);
        _hasErrorQueue = _hadErrorQueue = IcmpErrorQueue.TryEnable(socket);
    }

    /// <inheritdoc/>
    public IPathMtuObserver? PathMtuObserver { get; set; }

    /// <inheritdoc/>
    public IPEndPoint LocalEndPoint { get; }

    /// <inheritdoc/>
    public DatagramMarking Marking => DatagramMarking.SendPerSocket | DatagramMarking.SendPerDatagram | DatagramMarking.Receive;

    /// <inheritdoc/>
    /// <remarks>The port is free again when it has ended.</remarks>
    public Task Completion => Volatile.Read(ref _reception)?.Completion ?? Task.CompletedTask;

    /// <summary>After how many datagrams that came one by one the socket gets a thread of its own, if there is one; to be set by tests alone, before it is started.</summary>
    internal int SinglesBeforeReader { get; set; } = 32;

    /// <summary>Whether it has one; for tests.</summary>
    internal bool HasReader => Volatile.Read(ref _reception) is { Poller: null };

    /// <summary>Whether what ICMP says of what was sent is still listened to.</summary>
    internal bool HasErrorQueue => _hasErrorQueue;

    // What follows is of use to those alone who ask for each datagram, wait for room, or hear of errors.
    private PendingReceive Pending => field ??= new PendingReceive(this);

    private SocketAddress ErrorDestination => field ??= CreateAddress();

    private SocketAddress ProbeAddress => field ??= new IPEndPoint(LocalEndPoint.Address, 0).Serialize();

    /// <summary>The framework's view of the socket.</summary>
    private Socket Framework
    {
        get
        {
            if (_socket is { } known)
                return known;
            lock (_handle)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return _socket ??= new Socket(_handle);
            }
        }
    }

    /// <summary>Opens a socket and binds it.</summary>
    /// <param name="localEndPoint">The address, and the port or 0 for one of the system's choice.</param>
    /// <exception cref="SocketException">The address is not this host's, the port is taken, or the system has no sockets left.</exception>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux: <see cref="UdpSocket.Bind"/> chooses what it has.</exception>
    public static LinuxUdpSocket Bind(IPEndPoint localEndPoint)
    {
        ArgumentNullException.ThrowIfNull(localEndPoint);
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("This socket is Linux's: use UdpSocket.Bind, which takes the best that the system has.");
        return Open(localEndPoint, sharePort: false);
    }

    /// <inheritdoc/>
    public SocketAddress CreateAddress() => new(LocalEndPoint.AddressFamily);

    /// <inheritdoc/>
    public bool TrySetTrafficClass(TrafficClass trafficClass) => TrySet(_ipv6 ? LinuxMessages.IPv6TrafficClass : LinuxMessages.IpTos, trafficClass.Octet);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">What arrives is handed over (<see cref="Start"/>).</exception>
    public ValueTask<int> ReceiveFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ThrowIfStarted();
        ValueTask<int> receiving = BeginReceive(buffer, source, cancellationToken);
        return receiving.IsCompletedSuccessfully ? receiving : new(Pending, Pending.Start(receiving, false, buffer, source, cancellationToken));
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">What arrives is handed over (<see cref="Start"/>).</exception>
    public ValueTask<ReceivedDatagram> ReceiveMarkedFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ThrowIfStarted();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ReceivedDatagram>(cancellationToken);
        AskForTrafficClass();
        return TryReceive(buffer.Span, source, out ReceivedDatagram received)
            ? new(received)
            : new(Pending, Pending.Start(WaitToReceive(cancellationToken), true, buffer, source, cancellationToken));
    }

    /// <inheritdoc/>
    public SocketError TrySendTo(ReadOnlySpan<byte> datagram, SocketAddress destination) => TrySendTo([], datagram, destination, null);

    /// <inheritdoc/>
    public SocketError TrySendTo(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, SocketAddress destination, TrafficClass? trafficClass)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return Send(header, payload, destination.Buffer.Span[..destination.Size], trafficClass, 0);
    }

    /// <inheritdoc/>
    public ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, CancellationToken cancellationToken) =>
        SendToAsync(datagram, destination, null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, TrafficClass? trafficClass, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        return TrySendTo([], datagram.Span, destination, trafficClass) switch
        {
            SocketError.Success => ValueTask.CompletedTask,
            SocketError.WouldBlock => WaitAndSendAsync(datagram, destination, trafficClass, cancellationToken),
            SocketError error => ValueTask.FromException(new SocketException((int)error)),
        };
    }

    /// <inheritdoc/>
    public int? GetPathMtu(SocketAddress destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return LinuxPathMtu.Get(_ipv6, ProbeAddress.Buffer.Span[..ProbeAddress.Size], destination.Buffer.Span[..destination.Size]);
    }

    /// <inheritdoc/>
    /// <exception cref="SocketException">The system has no loop left to give; the methods that receive can be used instead.</exception>
    public void Start(IDatagramReceiver receiver, int maxDatagramSize, bool trafficClass)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ArgumentOutOfRangeException.ThrowIfNegative(maxDatagramSize);
        lock (_handle)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ThrowIfStarted();
            if (trafficClass)
                AskForTrafficClass();
            UdpReception reception = new(this, _descriptor, receiver, maxDatagramSize, _ipv6, trafficClass, _coalesces)
            {
                SinglesBeforeReader = SinglesBeforeReader,
            };
            UdpPoller.Add(reception);
            Volatile.Write(ref _reception, reception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // What Start hands the descriptor to has to know when it is closed.
        lock (_handle)
            _disposed = true;
        if (_reception is { } reception)
            reception.Close();
        else
            CloseSocket();
    }

    /// <summary>Closes the socket; for what receives, when it does so no more.</summary>
    internal void CloseSocket()
    {
        // It ends what waits too; without it nothing does.
        if (_socket is { } socket)
            socket.Dispose();
        else
            _handle.Dispose();
    }

    /// <summary>Waits until there is something to receive, an error too, or the wait is ended.</summary>
    internal void WaitForInput()
    {
        try
        {
            _ = Framework.Poll(Timeout.InfiniteTimeSpan, SelectMode.SelectRead);
        }
        catch (ObjectDisposedException)
        {
            // It is being closed.
            return;
        }

        _ = TellErrors();
    }

    /// <summary>Ends the wait of whoever receives, and every later one.</summary>
    internal void EndWait()
    {
        bool held = false;
        try
        {
            // For the reason that SendOnce has.
            _handle.DangerousAddRef(ref held);
            LinuxMessages.EndReceiving(_descriptor);
        }
        catch (ObjectDisposedException)
        {
            // It has ended.
        }
        finally
        {
            if (held)
                _handle.DangerousRelease();
        }
    }

    /// <summary>Opens a socket at a port that others share (<see cref="SharePort"/>).</summary>
    internal static LinuxUdpSocket BindShard(IPEndPoint localEndPoint) => Open(localEndPoint, sharePort: true);

    /// <summary>Lets other sockets of the same user bind to the port.</summary>
    internal void SharePort() => PortableUdpSocket.SharePort(Framework);

    private static LinuxUdpSocket Open(IPEndPoint localEndPoint, bool sharePort)
    {
        // Its handle stays, and is what has to be closed. Sends and the loop do without the framework's socket, which is made anew for who needs
        // it: of thousands of sockets nearly none does.
#pragma warning disable CA1816, CA2000
        Socket socket = PortableUdpSocket.Open(localEndPoint, sharePort);
        try
        {
            LinuxUdpSocket own = new(socket, localEndPoint.Address);
            GC.SuppressFinalize(socket);
            return own;
#pragma warning restore CA1816, CA2000
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Receives as the framework does, without the traffic class: what waits costs two calls of the system less so.</summary>
    internal ValueTask<int> BeginReceive(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken) =>
        Framework.ReceiveFromAsync(buffer, SocketFlags.None, source, cancellationToken);

    /// <summary>Waits until there is something, and consumes nothing.</summary>
    internal ValueTask<int> WaitToReceive(CancellationToken cancellationToken) => Framework.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek, cancellationToken);

    /// <summary>Receives what is there.</summary>
    /// <returns>False when there is nothing.</returns>
    internal bool TryReceive(Span<byte> buffer, SocketAddress source, out ReceivedDatagram received)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            SocketError error = LinuxMessages.Receive(_handle, buffer, source.Buffer.Span[..source.Size], out int length, out TrafficClass? trafficClass);
            received = new ReceivedDatagram(length, trafficClass);
            if (error == SocketError.Success)
                return true;
            if (error == SocketError.WouldBlock)
                return false;
            if (!IsEcho(error))
                throw new SocketException((int)error);
        }

        received = default;
        return false;
    }

    /// <summary>Whether an error of receiving is only ICMP's about something sent: the queue is emptied, and it is to be tried again.</summary>
    internal bool IsEcho(SocketError error) => error != SocketError.OperationAborted && (TellErrors() || (_hadErrorQueue && LinuxErrors.MayBeEcho(error)));

    /// <summary>Empties the error queue.</summary>
    /// <returns>Whether there was something: a send or a receive that failed because of it is to be made again.</returns>
    internal bool TellErrors()
    {
        if (!_hasErrorQueue)
            return false;
        bool told = false;
        lock (_handle)
        {
            for (int count = 0; count < MaxErrors && IcmpErrorQueue.TryTake(_handle, ErrorDestination, out IcmpError error); count++)
            {
                told = true;
                _errors++;
                if (error.Mtu > 0)
                    PathMtuObserver?.OnPathMtuLowered(ErrorDestination);
            }

            if (_errors >= MaxErrorsInAll && _hasErrorQueue)
            {
                _hasErrorQueue = false;
                _ = IcmpErrorQueue.TryDisable(_handle, _ipv6);
            }
        }

        return told;
    }

    // Only the framework knows when an unconnected socket has room again, and it sends without marks: a datagram that has one waits on a thread.
    private async ValueTask WaitAndSendAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, TrafficClass? trafficClass, CancellationToken cancellationToken)
    {
        if (trafficClass is null)
        {
            _ = await Framework.SendToAsync(datagram, SocketFlags.None, destination, cancellationToken).ConfigureAwait(false);
            return;
        }

        SocketError error;
        do
        {
            _ = await Task.Run(() => Framework.Poll(s_wait, SelectMode.SelectWrite), cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            error = TrySendTo([], datagram.Span, destination, trafficClass);
        }
        while (error == SocketError.WouldBlock);
        if (error != SocketError.Success)
            throw new SocketException((int)error);
    }

    /// <param name="header">The first part.</param>
    /// <param name="payload">The rest.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="trafficClass">How it is marked.</param>
    /// <param name="segmentSize">How long the datagrams are that it is to be taken apart into; 0 when it is one.</param>
    private SocketError Send(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> destination, TrafficClass? trafficClass, int segmentSize)
    {
        SocketError error = SendOnce(header, payload, destination, trafficClass, segmentSize);
        return error is SocketError.Success or SocketError.WouldBlock or SocketError.OperationAborted
            ? error
            : SendAgain(error, header, payload, destination, trafficClass, segmentSize);
    }

    private SocketError SendOnce(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> destination, TrafficClass? trafficClass, int segmentSize)
    {
        if (_disposed)
            return SocketError.OperationAborted;
        // The reference keeps the descriptor from being closed, and so from being another socket's, until the call is over.
        bool held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
            return header.IsEmpty && trafficClass is null && segmentSize == 0
                ? LinuxMessages.Send(_descriptor, payload, destination)
                : LinuxMessages.Send(_descriptor, _ipv6, header, payload, destination, trafficClass, segmentSize);
        }
        catch (ObjectDisposedException)
        {
            return SocketError.OperationAborted;
        }
        finally
        {
            if (held)
                _handle.DangerousRelease();
        }
    }

    // ip(7): what the queue tells is an error of the next send too, which did not happen.
    private SocketError SendAgain(
        SocketError error, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> destination, TrafficClass? trafficClass, int segmentSize)
    {
        try
        {
            for (int attempt = 1; attempt < MaxAttempts && (TellErrors() || (attempt == 1 && LinuxErrors.MayBeEcho(error))); attempt++)
            {
                error = SendOnce(header, payload, destination, trafficClass, segmentSize);
                if (error is SocketError.Success or SocketError.WouldBlock)
                    break;
            }

            return error;
        }
        catch (ObjectDisposedException)
        {
            return SocketError.OperationAborted;
        }
    }

    private void ThrowIfStarted()
    {
        if (_reception is not null)
            throw new InvalidOperationException("The socket was started: what it receives goes to the receiver given to Start.");
    }

    // Whoever does not want it need not pay for it.
    private void AskForTrafficClass()
    {
        if (_asksForTrafficClass)
            return;
        _asksForTrafficClass = true;
        _ = TrySet(_ipv6 ? LinuxMessages.IPv6ReceiveTrafficClass : LinuxMessages.IpReceiveTos, 1);
    }

    private bool TrySet(int option, int value) => TrySet(_ipv6 ? LinuxMessages.IPv6Level : LinuxMessages.IpLevel, option, value);

    private bool TrySet(int level, int option, int value) => LinuxOptions.TrySet(_handle, level, option, value);
}
