using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Ice.Core;
using Ice.Net;
using Microsoft.Extensions.Logging;

namespace Ice;

/// <summary>
/// An ICE agent (RFC 8445): finds a path to a peer and carries datagrams over it. Make one, send its <see cref="LocalParameters"/> and
/// candidates to the peer, hand in the peer's, and await <see cref="ConnectAsync"/>. Thread-safe.
/// </summary>
/// <remarks>
/// The events are raised in order from one queue, never under a lock and never on a receive loop; a handler that throws is logged. A state
/// may already have moved on when its event is raised: the arguments hold what it was.
/// </remarks>
public sealed partial class IceAgent : IAsyncDisposable
{
    private readonly IceAgentOptions _options;
    private readonly ILogger _logger;
    private readonly IceComponent[] _components;
    private readonly AgentDriver _driver;
    private readonly GuessSockets? _guesses;
    private readonly AgentTelemetry _telemetry;
    // Handlers have the ambient values (logging scopes, the current activity) of who made the agent.
#pragma warning disable CA2213 // its maker's
    private readonly ExecutionContext? _context;
#pragma warning restore CA2213
    private readonly MuxMember? _mux;
    // Made for the first enumeration of candidates, the first name and the first server.
    private CandidateFeed? _feed;
    private RemoteNames? _remoteNames;
    private CancellationTokenSource? _closing;
    private EventDispatcher? _events;
    private Task _servers = Task.CompletedTask;
    private bool _gatheringStarted;

    /// <summary>Makes an agent in state New. Nothing is opened before gathering starts.</summary>
    /// <param name="options">How the agent behaves.</param>
    /// <exception cref="ArgumentException">An option is out of range or contradicts another; the message says which and what to write instead.</exception>
    public IceAgent(IceAgentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionsValidator.Validate(options);
        _mux = options.Mux?.Join();
        _options = options;
        _logger = options.LoggerFactory.CreateLogger("Ice.IceAgent");
        _components = MakeComponents();
        _telemetry = new AgentTelemetry(IceMetrics.For(options.MeterFactory), this);
        _context = ExecutionContext.Capture();
        _driver = MakeDriver(_mux?.EnterOrLeave(options.LocalParameters) ?? options.LocalParameters);
        _localParameters = _driver.Core.LocalParameters;
        _guesses = options.Traversal is null ? null : new GuessSockets(options, _driver, _logger);
        _mux?.Watch(this);
    }

    /// <summary>The state changed. Failed and Disconnected say why.</summary>
    public event EventHandler<IceStateChangedEventArgs>? StateChanged;

    /// <summary>A component sends on another pair from now on, or on none; or the pair that it sends on was nominated.</summary>
    /// <remarks>
    /// Data does not wait for this event: datagrams leave on the new pair from the moment that it was chosen, some time before the event is
    /// raised, and those that the peer sent on the old pair are received for as long as they may still arrive.
    /// </remarks>
    public event EventHandler<IceSelectedPairChangedEventArgs>? SelectedPairChanged;

    /// <summary>Less fits into a datagram than before on the pair that a component sends on: a router has said so (ICMP).</summary>
    public event EventHandler<IcePayloadMtuChangedEventArgs>? PayloadMtuChanged;

    /// <summary>A candidate pair was formed or changed its state: for live display.</summary>
    public event EventHandler<IceCandidatePairEventArgs>? CandidatePairChanged;

    /// <summary>A local candidate was gathered; the same that <see cref="GatherAsync"/> returns.</summary>
    public event EventHandler<IceCandidateEventArgs>? CandidateGathered;

    /// <summary>All local candidates of the session are known.</summary>
    public event EventHandler? GatheringCompleted;

    /// <summary>A server answered one of our sockets, or did not.</summary>
    public event EventHandler<IceServerAnsweredEventArgs>? ServerAnswered;

    /// <summary>The role changed after a role conflict.</summary>
    public event EventHandler<IceRoleChangedEventArgs>? RoleChanged;

    internal ILogger Logger => _logger;

    internal IceAgentOptions Options => _options;

    /// <summary>What raises events: made for the first.</summary>
    internal EventDispatcher Events => Volatile.Read(ref _events)
        ?? Interlocked.CompareExchange(ref _events, new EventDispatcher(this, _context), null) ?? _events;

    /// <summary>Ends with the agent.</summary>
    internal CancellationToken Closing => LazyInitializer.EnsureInitialized(ref _closing).Token;

    /// <summary>Our credentials and options of the current session: send them to the peer.</summary>
    public IceParameters LocalParameters => Volatile.Read(ref _localParameters);

    /// <summary>The state.</summary>
    public IceConnectionState State => _state;

    /// <summary>The role as it stands.</summary>
    public IceRole Role
    {
        get
        {
            using AgentDriver.Scope scope = _driver.Enter();
            return _driver.Core.Role;
        }
    }

    /// <summary>The state of gathering.</summary>
    public GatheringState GatheringState
    {
        get
        {
            using AgentDriver.Scope scope = _driver.Enter();
            return _driver.Core.GatheringState;
        }
    }

    /// <summary>The local candidates of the current session gathered so far.</summary>
    public IReadOnlyList<IceCandidate> LocalCandidates
    {
        get
        {
            using AgentDriver.Scope scope = _driver.Enter();
            return _driver.Core.GetLocalCandidates();
        }
    }

    /// <summary>The remote candidates of the current session, peer-reflexive ones included.</summary>
    public IReadOnlyList<IceCandidate> RemoteCandidates
    {
        get
        {
            using AgentDriver.Scope scope = _driver.Enter();
            return _driver.Core.GetRemoteCandidates();
        }
    }

    /// <summary>All components of all streams, in order. The agent's own send and receive use the first.</summary>
    public IReadOnlyList<IceComponent> Components => _components;

    /// <summary>The pair that the first component sends on, as it stands now; null when there is none.</summary>
    public CandidatePairInfo? SelectedPair
    {
        get
        {
            using AgentDriver.Scope scope = _driver.Enter();
            return _driver.Core.GetSelectedPair(_components[0].Id);
        }
    }

    /// <summary>Sets the role, as long as no check has been sent or received: signaling may decide it late.</summary>
    /// <exception cref="InvalidOperationException">Checks have begun.</exception>
    public void SetRole(IceRole role)
    {
        using AgentDriver.Scope scope = EnterOpen();
        _driver.Core.SetRole(role, scope.Now);
    }

    /// <summary>Opens the sockets on the calling thread, gathers host candidates at once and starts to ask the servers. Does nothing when called again.</summary>
    /// <remarks>When this returns, <see cref="LocalCandidates"/> has every host candidate.</remarks>
    public void StartGathering()
    {
        using (EnterOpen())
        {
            if (_gatheringStarted)
                return;
            _gatheringStarted = true;
        }

        _telemetry.StartGathering();
        lock (_components)
            Gather();
        WatchInterfaces();
    }

    /// <summary>Starts gathering at once, as <see cref="StartGathering"/> does, and returns the local candidates of the current session, from the first to the last.</summary>
    /// <param name="cancellationToken">Ends the enumeration; gathering goes on.</param>
    /// <returns>The candidates, those that were gathered before included. It ends when all are known (end-of-candidates), or with a restart.</returns>
    public IAsyncEnumerable<IceCandidate> GatherAsync(CancellationToken cancellationToken = default)
    {
        StartGathering();
        using AgentDriver.Scope scope = EnterOpen();
        // Those that the peer has shown are not to be told to it.
        IEnumerable<IceCandidate> gathered = _driver.Core.GetLocalCandidates().Where(static candidate => candidate.Type != IceCandidateType.PeerReflexive);
        _feed ??= new CandidateFeed();
        return EnumerateAsync(_feed.Subscribe(gathered, ended: _driver.Core.GatheringState == GatheringState.Complete), cancellationToken);
    }

    /// <summary>Sets the peer's parameters for the first stream. After a restart new ones begin the new session's checks.</summary>
    /// <exception cref="ArgumentException">The credentials are no ICE credentials; the message says why.</exception>
    public void SetRemoteParameters(IceParameters parameters) => SetRemoteParameters(parameters, 0);

    /// <summary>Sets the peer's parameters for a stream.</summary>
    /// <param name="parameters">The peer's credentials and options.</param>
    /// <param name="stream">The stream, counted from 0.</param>
    /// <exception cref="ArgumentException">The credentials are no ICE credentials; the message says why.</exception>
    public void SetRemoteParameters(IceParameters parameters, int stream)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Validate() is { } problem)
            throw new ArgumentException(problem, nameof(parameters));
        CheckStream(stream);
        using AgentDriver.Scope scope = EnterOpen();
        _driver.Core.SetRemoteParameters(stream, parameters, scope.Now);
    }

    /// <summary>Adds a candidate of the peer to the first stream; null says that there are no more (RFC 8838 §14).</summary>
    /// <remarks>A candidate with a name in place of an address is resolved first. One that is of no use is ignored, and logged at Debug.</remarks>
    [OverloadResolutionPriority(1)]
    public void AddRemoteCandidate(IceCandidate? candidate) => AddRemoteCandidate(candidate, 0);

    /// <summary>Adds a candidate of the peer to a stream; null says that there are no more (RFC 8838 §14).</summary>
    /// <param name="candidate">The candidate or null.</param>
    /// <param name="stream">The stream, counted from 0.</param>
    public void AddRemoteCandidate(IceCandidate? candidate, int stream)
    {
        CheckStream(stream);
        using AgentDriver.Scope scope = EnterOpen();
        // Only a name needs what resolves it; and what has resolved one knows when the candidates have ended.
        if (candidate?.HostName is not null)
            _remoteNames ??= new RemoteNames(this, _driver);
        if (_remoteNames is not null)
            _remoteNames.Add(stream, candidate, scope.Now);
        else
            _driver.AddRemoteCandidate(stream, candidate, scope.Now);
    }

    /// <summary>Adds a candidate of the peer, in the form of the SDP attribute, with or without <c>a=</c> and <c>candidate:</c>.</summary>
    /// <param name="sdp">The attribute; empty or <c>end-of-candidates</c> says that there are no more.</param>
    /// <exception cref="FormatException">The text is no candidate.</exception>
    public void AddRemoteCandidate(string sdp)
    {
        ArgumentNullException.ThrowIfNull(sdp);
        AddRemoteCandidate(CandidateText.Parse(sdp), 0);
    }

    /// <summary>Waits until every component has a nominated pair that works. Starts gathering if nothing did before.</summary>
    /// <param name="cancellationToken">Ends the wait, not the agent's efforts.</param>
    /// <exception cref="IceException">ConnectionFailed: no path was found; <see cref="IceException.Reason"/> and the message say why.</exception>
    /// <exception cref="ObjectDisposedException">The agent was disposed.</exception>
    public Task ConnectAsync(CancellationToken cancellationToken = default)
    {
        StartGathering();
        Task connected;
        using (EnterOpen())
            connected = ConnectedTask();
        return connected.IsCompleted ? connected : connected.WaitAsync(cancellationToken);
    }

    /// <inheritdoc cref="IceComponent.SendAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancellationToken = default) =>
        _components[0].SendAsync(datagram, cancellationToken);

    /// <inheritdoc cref="IceComponent.SendAsync(ReadOnlyMemory{byte}, TrafficClass, CancellationToken)"/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> datagram, TrafficClass trafficClass, CancellationToken cancellationToken = default) =>
        _components[0].SendAsync(datagram, trafficClass, cancellationToken);

    /// <inheritdoc cref="IceComponent.TrySend(ReadOnlySpan{byte})"/>
    public bool TrySend(ReadOnlySpan<byte> datagram) => _components[0].TrySend(datagram);

    /// <inheritdoc cref="IceComponent.TrySend(ReadOnlySpan{byte}, TrafficClass)"/>
    public bool TrySend(ReadOnlySpan<byte> datagram, TrafficClass trafficClass) => _components[0].TrySend(datagram, trafficClass);

    /// <inheritdoc cref="IceComponent.TrySendBatch(ReadOnlySpan{byte}, int)"/>
    public int TrySendBatch(ReadOnlySpan<byte> datagrams, int segmentSize) => _components[0].TrySendBatch(datagrams, segmentSize);

    /// <inheritdoc cref="IceComponent.TrySendBatch(ReadOnlySpan{byte}, int, TrafficClass)"/>
    public int TrySendBatch(ReadOnlySpan<byte> datagrams, int segmentSize, TrafficClass trafficClass) =>
        _components[0].TrySendBatch(datagrams, segmentSize, trafficClass);

    /// <inheritdoc cref="IceComponent.ReceiveAsync"/>
    public ValueTask<IceReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _components[0].ReceiveAsync(buffer, cancellationToken);

    /// <summary>Starts a new session with fresh credentials; data goes on over the old pair until the new session has one (RFC 8445 §9).</summary>
    /// <remarks>The sockets stay, but for those whose address has gone; on addresses that are new there are new ones (<see cref="RefreshInterfaces"/>). Send the returned parameters and the candidates of a new <see cref="GatherAsync"/> to the peer, and hand in the peer's new ones.</remarks>
    /// <returns>The new local parameters.</returns>
    public Task<IceParameters> RestartAsync(CancellationToken cancellationToken = default) => RestartAsync(null, cancellationToken);

    /// <summary>Starts a new session with credentials of the caller's choice (RFC 8445 §9).</summary>
    /// <param name="localParameters">The new credentials, different from all before; null draws fresh ones.</param>
    /// <param name="cancellationToken">Not to begin.</param>
    /// <returns>The new local parameters.</returns>
    /// <exception cref="InvalidOperationException">Gathering has not started: there is no session to restart.</exception>
    public Task<IceParameters> RestartAsync(IceParameters? localParameters, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<IceParameters>(cancellationToken);
        if (localParameters?.Validate() is { } problem)
            throw new ArgumentException(problem, nameof(localParameters));
        TryRefreshInterfaces();
        using AgentDriver.Scope scope = EnterOpen();
        if (!_gatheringStarted)
            throw new InvalidOperationException("There is no session to restart yet: call GatherAsync, StartGathering or ConnectAsync first.");
        // Known before the peer can be told of it.
        IceParameters? entered = _mux?.Enter(localParameters) ?? localParameters;
        BeginNewSession();
        IceParameters parameters;
        try
        {
            parameters = _driver.Core.Restart(entered, scope.Now);
        }
        catch
        {
            _mux?.Withdraw(entered!.UsernameFragment);
            throw;
        }

        Volatile.Write(ref _localParameters, parameters);
        _mux?.Keep(parameters.UsernameFragment, _driver.Core.PreviousLocalParameters?.UsernameFragment);
        return Task.FromResult(parameters);
    }

    /// <summary>Counts of this moment.</summary>
    public IceStats GetStats()
    {
        using AgentDriver.Scope scope = _driver.Enter();
        return StatsReader.Read(_driver, _components, _selectedPairChanges);
    }

    /// <summary>Closes the agent: when the task has ended no socket, timer or task of it is left. Waiting calls end with <see cref="ObjectDisposedException"/>.</summary>
    /// <remarks>May be called from an event handler; called again it waits for the first call.</remarks>
    public ValueTask DisposeAsync() => CloseAsync();

    private IceComponent[] MakeComponents()
    {
        List<IceComponent> components = [];
        for (int stream = 0; stream < _options.Streams.Count; stream++)
        {
            for (int component = 1; component <= _options.Streams[stream]; component++)
                components.Add(new IceComponent(new ComponentId(stream, component), this));
        }

        return [.. components];
    }

    private AgentDriver MakeDriver(IceParameters? local)
    {
        try
        {
            return new AgentDriver(_options, local, _components, this);
        }
        catch
        {
            _mux?.Leave();
            throw;
        }
    }

    private static async IAsyncEnumerable<IceCandidate> EnumerateAsync(
        ChannelReader<IceCandidate> reader, CancellationToken callToken, [EnumeratorCancellation] CancellationToken enumeratorToken = default)
    {
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(callToken, enumeratorToken);
        await foreach (IceCandidate candidate in reader.ReadAllAsync(linked.Token).ConfigureAwait(false))
            yield return candidate;
    }

    private void CheckStream(int stream)
    {
        if (stream < 0 || stream >= _options.Streams.Count)
            throw new ArgumentOutOfRangeException(nameof(stream), stream, $"The agent has {_options.Streams.Count} stream(s), counted from 0 (IceAgentOptions.Streams).");
    }

    /// <summary>Takes the driver's lock, unless the agent was disposed.</summary>
    private AgentDriver.Scope EnterOpen()
    {
        AgentDriver.Scope scope = _driver.Enter();
        if (!_driver.IsClosed)
            return scope;
        scope.Dispose();
        throw new ObjectDisposedException(nameof(IceAgent));
    }
}
