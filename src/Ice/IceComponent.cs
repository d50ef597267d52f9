using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ice.Core;
using Ice.Net;
using Microsoft.Extensions.Logging;
using Stun;

namespace Ice;

/// <summary>One component of one data stream: what its datagrams are sent and received with. Thread-safe.</summary>
/// <remarks>The data path takes no lock of the agent: it reads what was published when a pair was selected.</remarks>
public sealed class IceComponent
{
    private readonly IceAgent _agent;
    private readonly IceDatagramHandler? _handler;
    private readonly IceMarkedDatagramHandler? _markedHandler;
    private IceDatagramHandler? _bridge;
    private ReceiveQueue? _received;
    private PathTraffic[] _accepted = [];
    private SendPath? _sendPath;
    private IceException? _refusal;
    private bool _disposed;
    // Counters of every path of the session; guarded by the driver's lock.
    private PathTraffic[] _paths = [];
    // Of paths that are forgotten, after a restart.
    private StrongBox<TrafficTotals>? _retired;
    private long _reportedSent;
    private long _reportedReceived;

    internal IceComponent(ComponentId id, IceAgent agent)
    {
        Id = id;
        _agent = agent;
        _handler = agent.Options.DatagramHandler;
        _markedHandler = agent.Options.MarkedDatagramHandler;
    }

    /// <summary>The stream and the number of the component.</summary>
    public ComponentId Id { get; }

    /// <summary>The pair that data is sent on, as it stood when it was selected; null when nothing may be sent.</summary>
    public CandidatePairInfo? SelectedPair => Volatile.Read(ref _sendPath)?.Pair;

    /// <summary>
    /// What the socket of that pair can do about the traffic class of datagrams; nothing as long as there is no pair, or where a TURN server is
    /// reached over a stream. A mark that cannot be set is left out, and the datagram sent without it.
    /// </summary>
    public DatagramMarking Marking => Volatile.Read(ref _sendPath)?.Marking ?? DatagramMarking.None;

    /// <summary>
    /// How many bytes of data one datagram is expected to carry on that pair without being fragmented; null when nothing may be sent.
    /// </summary>
    /// <remarks>
    /// On a direct pair: what the system takes the path for able to carry (RFC 8085 §3.2), less the IP and UDP headers. At the beginning that is
    /// the MTU of the interface; it becomes less when a router reports that something was too big (ICMP), and never more until the pair changes.
    /// Where the system does not tell, and beyond a TURN server, packets of 1,280 bytes are assumed (RFC 8656 §3.7), less TURN's framing. It is
    /// not probed: a path whose routers keep silent carries less than this says, while 1,200 bytes pass nearly everywhere.
    /// </remarks>
    public int? PayloadMtu => Volatile.Read(ref _sendPath)?.PayloadMtu;

    /// <summary>What has arrived and waits, or who waits for it: made for the first of both.</summary>
    internal ReceiveQueue Received => Volatile.Read(ref _received) ?? MakeReceived();

    /// <summary>How many datagrams were given up for want of room.</summary>
    internal long Overflows => Volatile.Read(ref _received)?.Overflows ?? 0;

    internal ILogger Logger => _agent.Logger;

    internal bool HasHandler => _handler is not null || _markedHandler is not null;

    /// <summary>Sends a datagram to the peer, waiting for room in the socket's send buffer. As with UDP, a datagram may be lost.</summary>
    /// <param name="datagram">The datagram; not to be changed until the task has ended.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IceException">NotConnected: there is no pair to send on. DatagramTooLarge: the system does not send so much at once.</exception>
    /// <exception cref="ObjectDisposedException">The agent was disposed.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancellationToken = default)
    {
        SendPath? path = Volatile.Read(ref _sendPath);
        return path is null ? RefuseSend() : path.SendAsync(datagram, null, cancellationToken);
    }

    /// <summary>Sends a datagram with a DSCP and an ECN of its own, as far as the socket can (<see cref="Marking"/>); else as without.</summary>
    /// <param name="datagram">The datagram; not to be changed until the task has ended.</param>
    /// <param name="trafficClass">The whole octet of the IP header: it takes the place of <see cref="IceAgentOptions.Dscp"/> too.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IceException">NotConnected: there is no pair to send on. DatagramTooLarge: the system does not send so much at once.</exception>
    /// <exception cref="ObjectDisposedException">The agent was disposed.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> datagram, TrafficClass trafficClass, CancellationToken cancellationToken = default)
    {
        SendPath? path = Volatile.Read(ref _sendPath);
        return path is null ? RefuseSend() : path.SendAsync(datagram, trafficClass, cancellationToken);
    }

    /// <summary>Sends a datagram without ever waiting.</summary>
    /// <param name="datagram">The datagram.</param>
    /// <returns>False when there is no pair to send on, or no room in the socket's send buffer.</returns>
    /// <exception cref="IceException">DatagramTooLarge: the system does not send so much at once.</exception>
    /// <exception cref="ObjectDisposedException">The agent was disposed.</exception>
    public bool TrySend(ReadOnlySpan<byte> datagram) => TrySend(datagram, null);

    /// <summary>Sends a datagram with a DSCP and an ECN of its own, as far as the socket can (<see cref="Marking"/>), without ever waiting.</summary>
    /// <param name="datagram">The datagram.</param>
    /// <param name="trafficClass">The whole octet of the IP header: it takes the place of <see cref="IceAgentOptions.Dscp"/> too.</param>
    /// <returns>False when there is no pair to send on, or no room in the socket's send buffer.</returns>
    /// <exception cref="IceException">DatagramTooLarge: the system does not send so much at once.</exception>
    /// <exception cref="ObjectDisposedException">The agent was disposed.</exception>
    public bool TrySend(ReadOnlySpan<byte> datagram, TrafficClass trafficClass) => TrySend(datagram, (TrafficClass?)trafficClass);

    /// <summary>
    /// Sends datagrams of one length without ever waiting: on Linux with one call of the system for many of them (UDP_SEGMENT), which costs a
    /// fraction of sending each.
    /// </summary>
    /// <remarks>
    /// They leave, and arrive, as datagrams of their own. Where the system or the path to a TURN server cannot do that, they are sent one by one.
    /// May be called from several threads; allocates nothing.
    /// </remarks>
    /// <param name="datagrams">The datagrams, one behind the other: all of <paramref name="segmentSize"/> bytes but the last, which may be shorter.</param>
    /// <param name="segmentSize">The length of one datagram in bytes, 1 at least.</param>
    /// <returns>How many were sent: the first so many. Fewer than there are when there is no pair to send on, or no more room in the socket's send buffer.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="segmentSize"/> is less than 1.</exception>
    /// <exception cref="IceException">DatagramTooLarge: the system does not send a datagram of that length. None was sent.</exception>
    /// <exception cref="ObjectDisposedException">The agent was disposed.</exception>
    public int TrySendBatch(ReadOnlySpan<byte> datagrams, int segmentSize) => TrySendBatch(datagrams, segmentSize, null);

    /// <summary>The same with a DSCP and an ECN for all of them, as far as the socket can (<see cref="Marking"/>).</summary>
    /// <param name="datagrams">The datagrams, one behind the other: all of <paramref name="segmentSize"/> bytes but the last, which may be shorter.</param>
    /// <param name="segmentSize">The length of one datagram in bytes, 1 at least.</param>
    /// <param name="trafficClass">The whole octet of the IP header: it takes the place of <see cref="IceAgentOptions.Dscp"/> too.</param>
    /// <returns>How many were sent: the first so many.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="segmentSize"/> is less than 1.</exception>
    /// <exception cref="IceException">DatagramTooLarge: the system does not send a datagram of that length. None was sent.</exception>
    /// <exception cref="ObjectDisposedException">The agent was disposed.</exception>
    public int TrySendBatch(ReadOnlySpan<byte> datagrams, int segmentSize, TrafficClass trafficClass) => TrySendBatch(datagrams, segmentSize, (TrafficClass?)trafficClass);

    /// <summary>Receives the next datagram of the peer. One receive may wait at a time.</summary>
    /// <param name="buffer">Where the datagram goes; a longer one is cut off and the result says so.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">Another receive waits, or the options have a DatagramHandler or a MarkedDatagramHandler, or the component has an <see cref="IceUdpBridge"/>.</exception>
    /// <exception cref="ObjectDisposedException">The agent was disposed.</exception>
    public ValueTask<IceReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (HasHandler)
            throw new InvalidOperationException("The options have a DatagramHandler or MarkedDatagramHandler, which takes all datagrams: leave it out to use ReceiveAsync.");
        if (Volatile.Read(ref _bridge) is not null)
            throw new InvalidOperationException("This component has an IceUdpBridge, which takes all datagrams: dispose of it to use ReceiveAsync.");
        return Received.ReceiveAsync(buffer, cancellationToken);
    }

    /// <summary>Where data goes; null when nothing may be sent.</summary>
    internal SendPath? SendPath => Volatile.Read(ref _sendPath);

    /// <summary>Lets a bridge have what was buffered and, from then on, what arrives: on the receive loops, as a handler of the options.</summary>
    /// <exception cref="InvalidOperationException">Something else takes the datagrams; the message says what.</exception>
    internal void Attach(IceDatagramHandler bridge)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), typeof(IceAgent));
        if (HasHandler)
            throw new InvalidOperationException("The options have a DatagramHandler or MarkedDatagramHandler, which takes all datagrams: leave it out to have a bridge.");
        if (Received.HasReader)
            throw new InvalidOperationException("A ReceiveAsync of this component is waiting: await or cancel it first, for a bridge takes all datagrams.");
        if (Interlocked.CompareExchange(ref _bridge, bridge, null) is not null)
            throw new InvalidOperationException($"Component {Id} has a bridge already: dispose of that one first.");
        Received.Drain(CallHandler);
    }

    /// <summary>Ends what <see cref="Attach"/> began: what arrives is buffered again.</summary>
    internal void Detach()
    {
        Received.Resume();
        Volatile.Write(ref _bridge, null);
    }

    /// <summary>Takes a datagram that is no STUN, on the receive loop.</summary>
    /// <returns>False when it does not come from an accepted path: it is dropped.</returns>
    internal bool OnDatagram(IcePath path, ReadOnlySpan<byte> datagram, TrafficClass? trafficClass)
    {
        PathTraffic[] accepted = Volatile.Read(ref _accepted);
        foreach (PathTraffic traffic in accepted)
        {
            if (traffic.Path != path)
                continue;
            traffic.CountReceived(datagram.Length);
            ReceiveQueue received = Received;
            if (received.IsPassThrough || !received.Enqueue(datagram, path.Remote, trafficClass))
                CallHandler(datagram, path.Remote, trafficClass);
            return true;
        }

        return false;
    }

    /// <summary>Takes the header off a ChannelData message of the relayed pair that data is sent on, without the machine; everything else is for the machine.</summary>
    /// <param name="path">From which server the datagram came, and where to.</param>
    /// <param name="datagram">The datagram.</param>
    /// <param name="inner">The path of the pair.</param>
    /// <param name="data">What the peer sent.</param>
    internal bool TryUnwrap(IcePath path, ReadOnlySpan<byte> datagram, out IcePath inner, out ReadOnlySpan<byte> data)
    {
        if (Volatile.Read(ref _sendPath) is { } sendPath)
            return sendPath.TryUnwrap(path, datagram, out inner, out data);
        inner = default;
        data = default;
        return false;
    }

    /// <summary>A router has said that something sent from a socket to an address was too big. On any thread, possibly under locks.</summary>
    internal void OnPathMtuLowered(LocalTransport transport, TransportAddress destination)
    {
        if (Volatile.Read(ref _sendPath) is { } path && path.UpdateMtu(transport, destination))
            _agent.Events.Post(new IcePayloadMtuChangedEventArgs(Id, path.PayloadMtu));
    }

    /// <summary>Publishes where to send. Called under the driver's lock.</summary>
    internal void SetSendPath(SendPath? path) => Volatile.Write(ref _sendPath, path);

    /// <summary>Says why nothing may be sent; null when the reason is only that nothing is connected yet.</summary>
    internal void SetRefusal(IceException? refusal) => Volatile.Write(ref _refusal, refusal);

    /// <summary>Publishes from where to receive. Called under the driver's lock.</summary>
    internal void SetAccepted(ImmutableArray<IcePath> paths)
    {
        PathTraffic[] accepted = [.. paths.Select(TrafficOf)];
        // As a rule these are all that there are.
        Volatile.Write(ref _accepted, accepted.SequenceEqual(_paths) ? _paths : accepted);
    }

    /// <summary>Lets the handler have what was buffered and, from then on, what arrives.</summary>
    internal void OpenHandler()
    {
        if (HasHandler && !Received.IsPassThrough)
            Received.Drain(CallHandler);
    }

    /// <summary>The counters of a path. Called under the driver's lock.</summary>
    internal PathTraffic TrafficOf(IcePath path)
    {
        if (FindTraffic(path) is { } known)
            return known;
        PathTraffic added = new(path);
        _paths = [.. _paths, added];
        return added;
    }

    /// <summary>The counters of a path that has any. Called under the driver's lock.</summary>
    internal PathTraffic? FindTraffic(IcePath path)
    {
        foreach (PathTraffic known in _paths)
        {
            if (known.Path == path)
                return known;
        }

        return null;
    }

    /// <summary>The counters of all paths, past ones included. Called under the driver's lock.</summary>
    internal TrafficTotals GetTotals()
    {
        TrafficTotals totals = _retired?.Value ?? default;
        foreach (PathTraffic path in _paths)
            totals += TrafficTotals.Of(path);
        return totals;
    }

    /// <summary>Forgets the paths that are no longer in use, but not their sums. Called under the driver's lock, at a restart.</summary>
    internal void RetireUnusedPaths()
    {
        PathTraffic[] used = Array.FindAll(_paths, path => path == _sendPath?.Traffic || _accepted.Contains(path));
        foreach (PathTraffic unused in _paths.Except(used))
            (_retired ??= new StrongBox<TrafficTotals>()).Value += TrafficTotals.Of(unused);
        _paths = used;
    }

    /// <summary>Says whether data was sent or received since the last call. Called under the driver's lock.</summary>
    internal (bool Sent, bool Received) TakeActivity()
    {
        TrafficTotals totals = GetTotals();
        (bool, bool) activity = (totals.PacketsSent > _reportedSent, totals.PacketsReceived > _reportedReceived);
        _reportedSent = totals.PacketsSent;
        _reportedReceived = totals.PacketsReceived;
        return activity;
    }

    internal void Close()
    {
        Volatile.Write(ref _disposed, true);
        Volatile.Write(ref _sendPath, null);
        Volatile.Write(ref _accepted, []);
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _received)?.Close();
    }

    private ReceiveQueue MakeReceived()
    {
        IceAgentOptions options = _agent.Options;
        ReceiveQueue made = new(options.ReceiveBufferSlots, options.ReceiveDropPolicy == IceReceiveDropPolicy.DropOldest);
        ReceiveQueue received = Interlocked.CompareExchange(ref _received, made, null) ?? made;
        // Either this sees that the agent was closed, or whoever closes it sees the queue.
        if (Volatile.Read(ref _disposed))
            received.Close();
        return received;
    }

    private bool TrySend(ReadOnlySpan<byte> datagram, TrafficClass? trafficClass)
    {
        SendPath? path = Volatile.Read(ref _sendPath);
        if (path is not null)
            return path.TrySend(datagram, trafficClass);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), typeof(IceAgent));
        return false;
    }

    private int TrySendBatch(ReadOnlySpan<byte> datagrams, int segmentSize, TrafficClass? trafficClass)
    {
        if (segmentSize < 1)
            throw new ArgumentOutOfRangeException(nameof(segmentSize), segmentSize, "A datagram of a batch has 1 byte at least: give the length of one, not of all.");
        SendPath? path = Volatile.Read(ref _sendPath);
        if (path is not null)
            return path.TrySendBatch(datagrams, segmentSize, trafficClass);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), typeof(IceAgent));
        return 0;
    }

    private ValueTask RefuseSend()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), typeof(IceAgent));
        IceException? refusal = Volatile.Read(ref _refusal);
        return ValueTask.FromException(refusal is null
            ? new IceException(IceError.NotConnected, "There is no working pair to send on yet: await ConnectAsync before sending, or use TrySend, which returns false.")
            : new IceException(refusal.Error, refusal.Message, refusal.Reason, refusal));
    }

    private void CallHandler(ReadOnlySpan<byte> datagram, TransportAddress remote, TrafficClass? trafficClass)
    {
#pragma warning disable CA1031 // an application's handler may throw anything; the receive loop goes on
        try
        {
            if (Volatile.Read(ref _bridge) is { } bridge)
            {
                bridge(this, datagram, remote);
                return;
            }

            _handler?.Invoke(this, datagram, remote);
            _markedHandler?.Invoke(this, datagram, new IceReceiveResult(datagram.Length, datagram.Length, remote) { TrafficClass = trafficClass });
        }
        catch (Exception exception)
        {
            Log.DatagramHandlerFailed(Logger, exception);
        }
#pragma warning restore CA1031
    }
}
