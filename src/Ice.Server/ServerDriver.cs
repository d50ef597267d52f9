using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Stun;
using Turn;

namespace Ice.Server;

/// <summary>
/// Drives a <see cref="TurnServerCore"/>: hands it what arrives, under one lock, sends its replies and obeys its instructions. Application data is sent
/// on outside the lock, from the buffer in which it came.
/// </summary>
internal sealed class ServerDriver : IDisposable
{
    private const int MaxQueuedEvents = 4096;

    private readonly Lock _gate = new();
    private readonly TurnServerCore _core;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly byte[] _reply = new byte[TurnServerCore.MaxReplyLength];
    private readonly Dictionary<TransportAddress, UdpListener> _udp = [];
    private readonly ConcurrentDictionary<FiveTuple, ClientStream> _streams = new();
    private readonly ConcurrentDictionary<RelayId, RelaySocket> _relays = new();
    private readonly PeerConnections _peers;
    private readonly ReceiveBuffers _buffers = new();
    private readonly Channel<TurnServerEvent> _events = Channel.CreateBounded<TurnServerEvent>(
        new BoundedChannelOptions(MaxQueuedEvents) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly TaskTracker _tasks;
    private TaskCompletionSource? _idle;
    private Instant _armed = Instant.Never;
    private long _sendFailures;
    private bool _closed;

    public ServerDriver(TurnServerCore core, TimeProvider time, long origin, TaskTracker tasks, ILogger logger)
    {
        _core = core;
        _time = time;
        _origin = origin;
        _tasks = tasks;
        _logger = logger;
        _peers = new PeerConnections(this, tasks);
        _timer = time.CreateTimer(static state => ((ServerDriver)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ChannelReader<TurnServerEvent> Events => _events.Reader;

    public int StreamCount => _streams.Count;

    private Instant Now => Instant.FromOrigin(_time.GetElapsedTime(_origin));

    public void Add(UdpListener listener) => _udp.Add(listener.Local, listener);

    public bool TryAdd(ClientStream stream) => _streams.TryAdd(stream.Path, stream);

    /// <summary>Handles a message of a client and sends its data on.</summary>
    public void HandleClient(in FiveTuple path, ReadOnlySpan<byte> message)
    {
        TurnForward forward;
        lock (_gate)
        {
            forward = _core.HandleClient(path, message, Now);
            Pump();
        }

        if (forward.Kind == TurnForwardKind.ToPeer && _relays.TryGetValue(forward.Relay, out RelaySocket? relay)
            && !relay.TrySend(message.Slice(forward.Offset, forward.Length), forward.Peer, forward.DontFragment))
            CountSendFailure();
    }

    /// <summary>Handles a datagram of a peer and sends it on.</summary>
    public void HandlePeer(RelayId relay, TransportAddress peer, Span<byte> buffer, int length)
    {
        TurnForward forward;
        lock (_gate)
        {
            forward = _core.HandlePeer(relay, peer, buffer, TurnServerDefaults.Headroom, length, Now);
            Pump();
        }

        if (forward.Kind == TurnForwardKind.ToClient)
            SendToClient(forward.Path, buffer.Slice(forward.Offset, forward.Length));
    }

    public void HandleIcmp(RelayId relay, TransportAddress destination, TurnIcmp icmp) => Input(core => core.HandleIcmp(relay, destination, icmp, Now));

    public void RelayLost(RelayId relay) => Input(core => core.HandleRelayFailed(relay, Now));

    public void StreamClosed(ClientStream stream)
    {
        _ = _streams.TryRemove(new KeyValuePair<FiveTuple, ClientStream>(stream.Path, stream));
        Input(core => core.HandleStreamClosed(stream.Path, Now));
    }

    public void PeerConnected(uint connection) => Input(core => core.HandlePeerConnected(connection, Now));

    public void PeerClosed(uint connection) => Input(core => core.HandlePeerClosed(connection, Now));

    /// <summary>A peer has connected; the connection is known to <see cref="PeerConnections"/> before any client can ask for it.</summary>
    public uint PeerAccepted(RelayId relay, TransportAddress peer, Action<uint> register)
    {
        lock (_gate)
        {
            uint id = _core.HandlePeerAccepted(relay, peer, Now);
            if (id != 0)
                register(id);
            Pump();
            return id;
        }
    }

    /// <summary>Whether a client's path has an allocation.</summary>
    public bool HasAllocation(in FiveTuple path)
    {
        lock (_gate)
            return _core.HasAllocation(path);
    }

    public void StopAccepting() => Input(static core => core.StopAccepting());

    /// <summary>Ends when there is no allocation left.</summary>
    public Task WaitUntilIdleAsync()
    {
        lock (_gate)
        {
            if (_core.AllocationCount == 0)
                return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    public TurnServerStatistics GetStatistics(long refusedStreams)
    {
        lock (_gate)
        {
            return new TurnServerStatistics(_core.Counters)
            {
                Allocations = _core.AllocationCount,
                Relays = _core.RelayCount,
                Streams = _streams.Count,
                RefusedStreams = refusedStreams,
                SendFailures = Interlocked.Read(ref _sendFailures),
            };
        }
    }

    /// <summary>Ends every allocation and every stream.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _core.Close();
            Pump();
            _closed = true;
        }

        _timer.Dispose();
        foreach (ClientStream stream in _streams.Values)
            stream.Close();
        foreach (RelaySocket relay in _relays.Values)
            relay.Dispose();
        _peers.Dispose();
        _ = _events.Writer.TryComplete();
    }

    private void OnTimer() => Input(core =>
    {
        _armed = Instant.Never;
        core.HandleTimeout(Now);
    });

    private void Input(Action<TurnServerCore> input)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            input(_core);
            Pump();
        }
    }

    // Runs no user code and cannot block: sends are non-blocking, events go to a channel.
    private void Pump()
    {
        bool more = true;
        while (more)
        {
            while (_core.TryGetTransmit(_reply, out TurnServerTransmit transmit))
                SendToClient(transmit.Path, _reply.AsSpan(0, transmit.Length));
            more = _core.TryGetEvent(out TurnServerEvent? value);
            if (more)
                Obey(value!);
        }

        Arm(_core.NextTimeout);
    }

    private void Arm(Instant deadline)
    {
        if (deadline == _armed || _closed)
            return;
        _armed = deadline;
        TimeSpan wait = deadline.IsNever ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(Math.Max(0, (deadline - Now).Ticks));
        _ = _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void SendToClient(in FiveTuple path, ReadOnlySpan<byte> message)
    {
        bool sent = path.IsStream
            ? _streams.TryGetValue(path, out ClientStream? stream) && stream.TryWrite(message)
            : _udp.TryGetValue(path.Server, out UdpListener? listener) && listener.TrySend(message, path.Client);
        if (!sent)
            CountSendFailure();
    }

    private void CountSendFailure() => Interlocked.Increment(ref _sendFailures);

    private void Obey(TurnServerEvent value)
    {
        switch (value)
        {
            case TurnServerEvent.OpenRelay open:
                Open(open);
                break;
            case TurnServerEvent.CloseRelay close:
                if (_relays.TryRemove(close.Relay, out RelaySocket? relay))
                    relay.Dispose();
                else
                    _peers.CloseListener(close.Relay);
                break;
            case TurnServerEvent.ConnectPeer connect:
                _peers.Connect(connect);
                break;
            case TurnServerEvent.ClosePeer close:
                _peers.Close(close.Connection);
                break;
            case TurnServerEvent.JoinStreams join:
                if (_streams.TryGetValue(join.Client, out ClientStream? client))
                    client.Join(_peers.Take(join.Connection));
                break;
            case TurnServerEvent.CloseClient close:
                if (_streams.TryGetValue(close.Client, out ClientStream? ended))
                    ended.Close();
                break;
            default:
                Tell(value);
                break;
        }
    }

    private void Tell(TurnServerEvent news)
    {
        if (_logger.IsEnabled(LogLevel.Debug))
            ServerLog.News(_logger, news);
        _ = _events.Writer.TryWrite(news);
        if (_core.AllocationCount == 0)
            _ = _idle?.TrySetResult();
    }

    private void Open(TurnServerEvent.OpenRelay open)
    {
        try
        {
            if (open.Transport == TurnTransport.Tcp)
            {
                _peers.Listen(open);
            }
            else
            {
                var relay = new RelaySocket(ServerSockets.BindRelay(open.Address), open.Relay, this, _buffers);
                _ = _relays.TryAdd(open.Relay, relay);
                _tasks.Run(relay.RunAsync);
            }

            _core.HandleRelayOpened(open.Relay, Now);
        }
        catch (IOException exception)
        {
            ServerLog.RelayRefused(_logger, exception.Message);
            _core.HandleRelayFailed(open.Relay, Now);
        }
    }
}
