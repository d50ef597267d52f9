using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Ice.Core;
using Ice.Net;
using Microsoft.Extensions.Logging;
using Stun;

namespace Ice;

/// <summary>One local address of one component: a socket, what receives from it, and its counters.</summary>
/// <remarks>
/// A socket that pushes is received from on the loop that it shares with others; any other by a loop of its own. STUN goes to the driver at once,
/// on that loop; everything else goes to the component if it comes from an accepted path.
/// </remarks>
internal sealed class LocalTransport : IDatagramReceiver, IPathMtuObserver, IAsyncDisposable
{
    // An error that repeats without a datagram in between is no ICMP echo of something sent: the socket is gone.
    private const int MaxConsecutiveErrors = 100;

    private readonly AgentDriver _driver;
    private readonly IMarkedDatagramSocket? _marked;
    private readonly int _maxDatagramSize;
    private readonly bool _receivesMarks;
    private readonly bool _coalesces;
    private volatile bool _closed;
    private Task _loop = Task.CompletedTask;
    // For a loop of its own.
    private CancellationTokenSource? _stop;
    private long _stunReceived;
    private long _unaccepted;
    private long _oversized;
    private long _receiveErrors;
    private int _consecutiveErrors;

    public LocalTransport(BaseId id, IceComponent component, IDatagramSocket socket, string interfaceName, AgentDriver driver, IceAgentOptions options)
    {
        Id = id;
        Component = component;
        Socket = socket;
        InterfaceName = interfaceName;
        Address = TransportAddress.FromIPAddress(LocalEndPoint.Address, LocalEndPoint.Port).WithoutScope();
        ScopeId = LocalEndPoint.Address.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)LocalEndPoint.Address.ScopeId : 0;
        _driver = driver;
        _maxDatagramSize = options.MaxDatagramSize;
        _marked = socket as IMarkedDatagramSocket;
        _receivesMarks = options.ReceiveTrafficClass || options.MarkedDatagramHandler is not null;
        _coalesces = options.ReceiveCoalescing;
        if (socket is IPathMtuSocket tells)
            tells.PathMtuObserver = this;
        // RFC 8445 §7.2.3: "If the agent is using Differentiated Services Code Point (DSCP) markings [RFC2475] in data packets that it will
        // send, the agent SHOULD apply the same markings to Binding requests and responses that it will send." Both leave by this socket.
        if (options.Dscp != 0 && !socket.TrySetTrafficClass(new TrafficClass(options.Dscp)))
            Log.DscpRefused(Logger, interfaceName, options.Dscp);
    }

    public BaseId Id { get; }

    public IceComponent Component { get; }

    public IDatagramSocket Socket { get; }

    public string InterfaceName { get; }

    public IPEndPoint LocalEndPoint => Socket.LocalEndPoint;

    public TransportAddress Address { get; }

    /// <summary>The host's address that the socket was opened for, where an application's factory has opened it at another; null where it is the same.</summary>
    public IPAddress? OpenedFor { get; init; }

    /// <summary>The host's address that the socket stands for; port 0.</summary>
    public TransportAddress HostAddress => OpenedFor is null ? Address.WithPort(0) : TransportAddress.FromIPAddress(OpenedFor, 0).WithoutScope();

    /// <summary>The zone that link-local destinations get.</summary>
    public uint ScopeId { get; }

    private ILogger Logger => Component.Logger;

    public TransportCounts Counts => new(
        Volatile.Read(ref _stunReceived), Volatile.Read(ref _unaccepted), Volatile.Read(ref _oversized), Volatile.Read(ref _receiveErrors));

    /// <summary>Begins to receive: on the calling thread, so that what is already there is handled before this returns; or on the socket's loop.</summary>
    public void Start()
    {
        if (Socket is IPushDatagramSocket push && TryStart(push))
            return;
        _stop = new CancellationTokenSource();
        Interlocked.MemoryBarrier();
        // Either this sees that it was closed, or whoever closes it sees what ends the loop.
        if (!_closed)
            _loop = ReceiveLoop.RunAsync(Socket, this, _maxDatagramSize, _receivesMarks, _stop.Token);
    }

    /// <inheritdoc/>
    public void OnDatagram(ReadOnlySpan<byte> datagram, SocketAddress source, TrafficClass? trafficClass)
    {
        _consecutiveErrors = 0;
        Handle(datagram, source, trafficClass);
    }

    /// <inheritdoc/>
    public void OnReceiveError(SocketError error)
    {
        // A socket that was given up may report more until this returns.
        if (_consecutiveErrors < MaxConsecutiveErrors && !_closed && IsFatal(error))
            Socket.Dispose();
    }

    /// <inheritdoc/>
    public void OnPathMtuLowered(SocketAddress destination) => Component.OnPathMtuLowered(this, SocketAddressCodec.Read(destination));

    /// <summary>Sends STUN. Called under the driver's lock.</summary>
    public SocketError TrySendStun(ReadOnlySpan<byte> datagram, TransportAddress destination, TrafficClass? trafficClass)
    {
        if (destination.IsIPv4 != Address.IsIPv4)
            return SocketError.AddressFamilyNotSupported;
        SocketAddress address = SpareAddress.Take(destination.IsIPv4);
        SocketAddressCodec.Write(destination, address, ScopeId);
        SocketError error = _marked?.TrySendTo([], datagram, address, trafficClass) ?? Socket.TrySendTo(datagram, address);
        SpareAddress.GiveBack(address, destination.IsIPv4);
        if (error is not (SocketError.Success or SocketError.WouldBlock))
            Log.StunSendRefused(Logger, LocalEndPoint, error);
        return error;
    }

    /// <summary>The size of the IP packets that the system takes the path to an address for able to carry; null when it does not tell.</summary>
    public int? GetPathMtu(SocketAddress destination) => (Socket as IPathMtuSocket)?.GetPathMtu(destination);

    /// <summary>Closes the socket; what receives from it ends.</summary>
    public void Close()
    {
        _closed = true;
        Interlocked.MemoryBarrier();
        _stop?.Cancel();
        Socket.Dispose();
    }

    /// <summary>Closes the socket and waits for what receives from it.</summary>
    public async ValueTask DisposeAsync()
    {
        Close();
        await _loop.ConfigureAwait(false);
        if (Socket is IPushDatagramSocket push)
            await push.Completion.ConfigureAwait(false);
        _stop?.Dispose();
    }

    private bool TryStart(IPushDatagramSocket socket)
    {
        IBatchDatagramSocket? batches = _coalesces ? socket as IBatchDatagramSocket : null;
        try
        {
            _ = batches?.TrySetCoalescing(true);
            socket.Start(this, _maxDatagramSize, _receivesMarks);
            return true;
        }
        catch (ObjectDisposedException)
        {
            // Closed in the meantime: there is nothing to receive.
            return true;
        }
        catch (SocketException exception)
        {
            // No thread or descriptor is left for a loop to share: the socket can be asked instead, for one datagram at a time.
            _ = batches?.TrySetCoalescing(false);
            Log.SharedLoopRefused(Logger, InterfaceName, exception.Message);
            return false;
        }
    }

    private bool IsFatal(SocketError error)
    {
        // Windows reports what does not fit the buffer as an error; others cut it off.
        if (error == SocketError.MessageSize)
        {
            Count(ref _oversized);
            return false;
        }

        Count(ref _receiveErrors);
        Log.ReceiveError(Logger, LocalEndPoint, error);
        // Echoes of ICMP about something sent earlier: anybody can cause them, so that they must not cost the socket.
        if (error is SocketError.ConnectionReset or SocketError.ConnectionRefused or SocketError.NetworkReset
            or SocketError.HostUnreachable or SocketError.NetworkUnreachable)
            return false;
        if (++_consecutiveErrors < MaxConsecutiveErrors)
            return false;
        Log.SocketLost(Logger, InterfaceName, new SocketException((int)error).Message);
        _driver.RemoveBase(Id);
        return true;
    }

    private void Handle(ReadOnlySpan<byte> datagram, SocketAddress source, TrafficClass? trafficClass)
    {
        if (datagram.Length > _maxDatagramSize)
        {
            Count(ref _oversized);
            return;
        }

#pragma warning disable CA1031 // the outermost loop: a defect in handling one datagram must not end the reception of all others
        try
        {
            Dispatch(datagram, new IcePath(Id, SocketAddressCodec.Read(source, Address.IsIPv4)), trafficClass);
        }
        catch (Exception exception)
        {
            Log.DatagramFailed(Logger, exception);
        }
#pragma warning restore CA1031
    }

    private void Dispatch(ReadOnlySpan<byte> datagram, IcePath path, TrafficClass? trafficClass)
    {
        if (Component.TryUnwrap(path, datagram, out IcePath inner, out ReadOnlySpan<byte> data) && !MayBeStun(data))
        {
            path = inner;
            datagram = data;
        }
        else if (MayBeStun(datagram) || _driver.IsRelayServer(path.Remote))
        {
            InputResult result = _driver.HandleControl(path, datagram, out RelayedData relayed);
            if (result == InputResult.RelayedData)
            {
                path = relayed.Path;
                datagram = datagram.Slice(relayed.Offset, relayed.Length);
            }
            else if (result != InputResult.NotStun)
            {
                Count(ref _stunReceived);
                return;
            }
        }

        if (!Component.OnDatagram(path, datagram, trafficClass))
            Count(ref _unaccepted);
    }

    // STUN has the first bytes 0 to 3 (RFC 7983 §7); the magic cookie tells it from application data that happens to begin so.
    // RFC 8489 §6.3: "In the case when STUN is being multiplexed with another protocol, an error may indicate that this is not really a STUN
    // message; in this case, the agent should try to parse the message as a different protocol."
    internal static bool MayBeStun(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= 20 && datagram[0] <= 3 && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == 0x2112A442;

    // The loop is the only writer.
    private static void Count(ref long counter) => Volatile.Write(ref counter, counter + 1);
}
