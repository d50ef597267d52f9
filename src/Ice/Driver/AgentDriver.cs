using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Ice.Core;
using Ice.Net;
using Stun;

namespace Ice;

/// <summary>
/// Runs the machine: one lock around it, one timer for it, one buffer to send from. Control traffic only: application data never comes here.
/// </summary>
/// <remarks>
/// Every input is a <see cref="Scope"/>: enter, call the machine, leave; leaving drains it. Nothing under the lock can block or runs an
/// application's code: sends do not wait, and events only write to snapshots and queues.
/// </remarks>
internal sealed class AgentDriver : IAsyncDisposable
{
    // STUN messages of this library are shorter.
    private const int ScratchSize = 1280;

    // What is due at once is done at once, instead of asking a timer for 0 ms. The bound is for a machine that never stops being due.
    private const int MaxRounds = 64;

    // About 20 us in all; on one processor trying again is of no use.
    private const int SpinsBetween = 20;
    private const int SpinsBeforeYield = 5;
    private static readonly int s_attempts = Environment.ProcessorCount > 1 ? 50 : 1;

    // What a Send indication adds to its data.
    private const int RelayOverhead = 48;

    // One for each thread that runs agents; away while it is in use, for a socket may hand what is sent to another agent of the same thread.
    [ThreadStatic]
    private static byte[]? s_scratch;

    private readonly Lock _gate = new();
    // Few, and found by going through them; many only while guessing.
    private LocalTransport[] _transports = [];
    private HashSet<TransportAddress>? _servers;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly ITimer _timer;
    private readonly IceAgent _agent;
    private readonly IReadOnlyList<IceComponent> _components;
    private RelayStreams? _streams;
    private TransportAddress[] _relayServers = [];
    private byte[] _relayScratch = [];
    private Instant _armedFor = Instant.Never;
    // Of sockets that are closed.
    private StrongBox<TransportCounts>? _retired;
    private int _nextBase;
    private bool _closed;
    private long _stunSent;
    private long _stunDiscarded;
    private long _checksSent;

    public AgentDriver(IceAgentOptions options, IceParameters? local, IReadOnlyList<IceComponent> components, IceAgent agent)
    {
        TimeProvider time = options.TimeProvider;
        _time = time;
        _origin = ProcessClock.For(time).Origin;
        _components = components;
        _agent = agent;
        Core = new IceCore(OptionsValidator.ToCoreOptions(options), EntropySource.Secure, Now, local);
        _timer = TimerWheel.Create(time, static state => ((AgentDriver)state!).OnTimer(), this);
    }

    /// <summary>The machine; only to be used inside a <see cref="Scope"/>.</summary>
    public IceCore Core { get; }

    /// <summary>Whether <see cref="Close"/> was called; only to be read inside a <see cref="Scope"/>.</summary>
    public bool IsClosed => _closed;

    /// <summary>STUN messages sent; only to be read inside a <see cref="Scope"/>.</summary>
    public long StunSent => _stunSent;

    /// <summary>STUN messages that could not be sent; only to be read inside a <see cref="Scope"/>.</summary>
    public long StunDiscarded => _stunDiscarded;

    /// <summary>Requests sent to peers; only to be read inside a <see cref="Scope"/>.</summary>
    public long ChecksSent => _checksSent;

    /// <summary>The sockets; only to be read inside a <see cref="Scope"/>.</summary>
    public LocalTransport[] Transports => _transports;

    /// <summary>The socket that has a number; only to be called inside a <see cref="Scope"/>.</summary>
    public LocalTransport? FindTransport(BaseId id)
    {
        foreach (LocalTransport transport in _transports)
        {
            if (transport.Id == id)
                return transport;
        }

        return null;
    }

    /// <summary>What all sockets and streams have counted, closed ones included; only to be read inside a <see cref="Scope"/>.</summary>
    public TransportCounts TransportCounts
    {
        get
        {
            TransportCounts sum = (_retired?.Value ?? default) + (_streams?.Counts.Read() ?? default);
            foreach (LocalTransport transport in _transports)
                sum += transport.Counts;
            return sum;
        }
    }

    /// <summary>The streams to TURN servers; only to be used inside a <see cref="Scope"/>.</summary>
    public RelayStreams Streams => _streams ??= new RelayStreams(_agent, this);

    private Instant Now => Instant.FromOrigin(_time.GetElapsedTime(_origin));

    /// <summary>Takes the lock. Dispose the scope to drain the machine and to release the lock.</summary>
    public Scope Enter() => new(this);

    /// <summary>A number for a socket or a stream. Call inside a <see cref="Scope"/>.</summary>
    public BaseId NextBaseId() => new(_nextBase++);

    /// <summary>Makes a socket known to the machine. Call inside a <see cref="Scope"/>.</summary>
    public void AddBase(LocalTransport transport, BaseTraits traits, Instant now)
    {
        _transports = [.. _transports, transport];
        Core.AddBase(transport.Id, transport.Component.Id, transport.Address, traits, now);
    }

    /// <summary>Forgets sockets that the machine has forgotten; the caller disposes them. Call inside a <see cref="Scope"/>.</summary>
    public List<LocalTransport> TakeTransports(IEnumerable<BaseId> ids)
    {
        List<LocalTransport> taken = [];
        foreach (BaseId id in ids)
        {
            if (FindTransport(id) is not { } transport)
                continue;
            _transports = Array.FindAll(_transports, other => other != transport);
            (_retired ??= new StrongBox<TransportCounts>()).Value += transport.Counts;
            taken.Add(transport);
        }

        return taken;
    }

    /// <summary>Makes a server known to the machine. Call inside a <see cref="Scope"/>.</summary>
    public void AddServer(GatheringServer server, Instant now)
    {
        (_servers ??= []).Add(server.Address);
        if (server.Relay?.Transport == RelayTransport.Udp)
            Volatile.Write(ref _relayServers, [.. _relayServers, server.Address]);
        Core.AddServer(server, now);
    }

    /// <summary>Makes a candidate of the peer known to the machine; null says that there are no more. Call inside a <see cref="Scope"/>.</summary>
    public void AddRemoteCandidate(int stream, IceCandidate? candidate, Instant now)
    {
        if (candidate is null)
        {
            Core.EndOfRemoteCandidates(stream, now);
            return;
        }

        // Zones are this host's names for its links: the sockets add them, messages never carry them.
        if (candidate.Address.ScopeId != 0)
            candidate = candidate with { Address = candidate.Address.WithoutScope() };
        if (Core.AddRemoteCandidate(stream, candidate, now) is { } reason)
            Log.RemoteCandidateIgnored(_agent.Logger, candidate, reason);
    }

    /// <summary>No further socket or server comes.</summary>
    public void EndGatheringInputs()
    {
        using Scope scope = Enter();
        if (!_closed)
            Core.EndGatheringInputs(scope.Now);
    }

    /// <summary>Gives up a socket that no longer works.</summary>
    public void RemoveBase(BaseId id)
    {
        using Scope scope = Enter();
        if (!_closed && FindTransport(id) is not null)
            RemoveBase(id, scope.Now);
    }

    /// <summary>The same inside a <see cref="Scope"/>.</summary>
    public void RemoveBase(BaseId id, Instant now)
    {
        _streams?.CloseFrom(id);
        Core.RemoveBase(id, now);
    }

    /// <summary>A server has failed for a base: a stream to it is of no use any more. Call inside a <see cref="Scope"/>.</summary>
    public void CloseStream(int serverId, BaseId from, string reason) => Streams.Close(serverId, from, reason, Now);

    /// <summary>Forgets a stream that has ended.</summary>
    public void Forget(RelayStream stream)
    {
        using Scope scope = Enter();
        Streams.Forget(stream);
    }

    /// <summary>Whether an address is that of a TURN server: what comes from it may be wrapped data.</summary>
    public bool IsRelayServer(TransportAddress address)
    {
        TransportAddress[] servers = Volatile.Read(ref _relayServers);
        return servers.Length > 0 && Array.IndexOf(servers, address) >= 0;
    }

    /// <summary>Handles a STUN message, or any message of a TURN server, on the receive loop.</summary>
    public InputResult HandleControl(IcePath path, ReadOnlySpan<byte> datagram, out RelayedData relayed)
    {
        using Scope scope = Enter();
        relayed = default;
        if (_closed)
            return InputResult.Dropped;
        InputResult result = Core.HandleDatagram(path, datagram, scope.Now);
        if (result == InputResult.RelayedData)
            relayed = Core.RelayedData;
        return result;
    }

    /// <summary>Sends data through a relay that has no channel to the peer yet.</summary>
    public bool TrySendRelayed(IcePath path, ReadOnlySpan<byte> payload, TrafficClass? trafficClass)
    {
        using Scope scope = Enter();
        if (_closed)
            return false;
        _relayScratch = _relayScratch.Length >= payload.Length + RelayOverhead ? _relayScratch : new byte[payload.Length + RelayOverhead];
        return Core.TryEncodeRelayed(path, payload, _relayScratch, out Transmit transmit)
            && TrySend(_relayScratch.AsSpan(0, transmit.Length), transmit.Path, trafficClass) == SocketError.Success;
    }

    /// <summary>Ends the machine. Nothing is sent afterwards.</summary>
    /// <returns>False when that had happened before.</returns>
    public bool Close()
    {
        using Scope scope = Enter();
        if (_closed)
            return false;
        Core.Close(scope.Now);
        Drain();
        _closed = true;
        return true;
    }

    /// <summary>Ends the timer, waiting for a call of it that is under way; and waits for the streams, which end with the agent's token.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        Task[] streams;
        using (Enter())
            streams = _streams?.GetTasks() ?? [];
        await Task.WhenAll(streams).ConfigureAwait(false);
    }

    // Whoever holds the lock holds it for some microseconds, and being woken takes some tens: it is worth trying for a little longer than the
    // lock itself does.
    private void TakeGate()
    {
        for (int i = 0; i < s_attempts; i++)
        {
            if (_gate.TryEnter())
                return;
            // Its holder may be waiting for this very processor: what it has sent woke the thread that is here.
            if (i < SpinsBeforeYield)
                Thread.SpinWait(SpinsBetween);
            else
                Thread.Yield();
        }

        _gate.Enter();
    }

    private void OnTimer()
    {
        using Scope scope = Enter();
        // Armed no more, also when the timer was early: leaving the scope arms it anew.
        _armedFor = Instant.Never;
    }

    private void Leave(Instant now)
    {
        if (_closed)
            return;
        for (int round = 0; round < MaxRounds; round++)
        {
            Drain();
            if (Core.NextTimeout > now)
                break;
            ReportTraffic(now);
            Core.HandleTimeout(now);
        }

        Drain();
        Arm(Core.NextTimeout, now);
    }

    private void Drain()
    {
        byte[] scratch = s_scratch ?? new byte[ScratchSize];
        s_scratch = null;
        while (Core.TryGetTransmit(scratch, out Transmit transmit))
            Send(scratch.AsSpan(0, transmit.Length), transmit.Path);
        s_scratch = scratch;
        while (Core.TryGetEvent(out IceEvent? value))
            _agent.Apply(value);
    }

    private void Send(ReadOnlySpan<byte> message, IcePath path)
    {
        if (TrySend(message, path) != SocketError.Success)
        {
            _stunDiscarded++;
            return;
        }

        _stunSent++;
        // A Binding request (RFC 8489 §5: type 0x0001) that no server is asked.
        if (message[1] == 1 && message[0] == 0 && _servers?.Contains(path.Remote) != true)
            _checksSent++;
    }

    private SocketError TrySend(ReadOnlySpan<byte> message, IcePath path, TrafficClass? trafficClass = null) => FindTransport(path.Base) is { } transport
        ? transport.TrySendStun(message, path.Remote, trafficClass)
        : _streams?.Find(path.Base)?.TrySend(message) ?? SocketError.NotSocket;

    private void ReportTraffic(Instant now)
    {
        foreach (IceComponent component in _components)
        {
            (bool sent, bool received) = component.TakeActivity();
            if (sent)
                Core.ReportDataSent(component.Id, now);
            if (received)
                Core.ReportDataReceived(component.Id, now);
        }
    }

    private void Arm(Instant deadline, Instant now)
    {
        // A timer that turns out to be early is only set anew: most deadlines move away before they come.
        if (deadline >= _armedFor)
            return;
        _armedFor = deadline;
        // Timers count whole milliseconds and cut off the rest: rounded up, or they would fire early and spin.
        double milliseconds = Math.Clamp(Math.Ceiling((deadline - now).TotalMilliseconds), 1, int.MaxValue);
        _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }

    /// <summary>The lock, held; and the time of the input.</summary>
    public readonly ref struct Scope
    {
        private readonly AgentDriver _driver;

        internal Scope(AgentDriver driver)
        {
            _driver = driver;
            driver.TakeGate();
            Now = driver.Now;
            driver.Core.ReportsPairs = driver._agent.WantsPairs;
        }

        /// <summary>The time at which the lock was taken.</summary>
        public Instant Now { get; }

        /// <summary>Drains the machine and releases the lock.</summary>
        public void Dispose()
        {
            try
            {
                _driver.Leave(Now);
            }
            finally
            {
                _driver._gate.Exit();
            }
        }
    }
}
