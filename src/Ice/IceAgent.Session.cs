using System.Collections.Immutable;
using Ice.Core;
using Ice.Net;
using Microsoft.Extensions.Logging;
using Stun;

namespace Ice;

/// <content>What happens behind the public surface: gathering, the machine's events, the application's events, the end.</content>
public sealed partial class IceAgent
{
    private IceParameters _localParameters;
    private volatile IceConnectionState _state;
    // How the session's attempt to connect ended; null while it is under way. The source is there only when somebody waits meanwhile.
    private Task? _outcome;
    private TaskCompletionSource? _connected;
    private TaskCompletionSource? _closed;
    private long _selectedPairChanges;

    private static Task Failed(Exception exception)
    {
        Task failed = Task.FromException(exception);
        // Nobody need look at the outcome: a failure that is not awaited is no unobserved exception.
        _ = failed.Exception;
        return failed;
    }

    /// <summary>What a wait for the connection waits for. Called under the driver's lock.</summary>
    private Task ConnectedTask() => _outcome ?? (_connected ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Ends the waits for the connection. Called under the driver's lock.</summary>
    private void SetOutcome(Exception? failure)
    {
        _outcome = failure is null ? Task.CompletedTask : Failed(failure);
        if (_connected is null)
            return;
        if (failure is null)
            _connected.TrySetResult();
        else if (_connected.TrySetException(failure))
            _ = _connected.Task.Exception;
        _connected = null;
    }

    private void Gather()
    {
        List<HostSocket> sockets = OpenSockets();
        List<LocalTransport> transports;
        using (AgentDriver.Scope scope = _driver.Enter())
        {
            if (_driver.IsClosed)
            {
                sockets.ForEach(static socket => socket.Socket.Dispose());
                return;
            }

            transports = AddTransports(sockets, scope.Now);
        }

        transports.ForEach(static transport => transport.Start());
        if (_options.Servers.Count > 0)
            _servers = new ServerGatherer(this, _driver).Start();
        else
            _driver.EndGatheringInputs();
    }

    /// <summary>Makes sockets known to the machine; they do not receive yet. Called under the driver's lock.</summary>
    private List<LocalTransport> AddTransports(List<HostSocket> sockets, Instant now)
    {
        List<LocalTransport> transports = new(sockets.Count);
        foreach (HostSocket socket in sockets)
        {
            LocalTransport transport = new(
                _driver.NextBaseId(), socket.Component, socket.Socket, socket.Address.InterfaceName, _driver, _options)
            {
                OpenedFor = socket.Address.Address.Equals(socket.Socket.LocalEndPoint.Address) ? null : socket.Address.Address,
            };
            transports.Add(transport);
            BaseTraits traits = new() { LocalPreference = socket.LocalPreference, InterfaceName = socket.Address.InterfaceName };
            _driver.AddBase(transport, traits, now);
        }

        return transports;
    }

    private List<HostSocket> OpenSockets()
    {
        try
        {
            return _mux?.Gather(_components[0], _options) ?? HostGatherer.Open(_options, HostGatherer.Select(HostGatherer.List(_options), _options), _components, static (_, _) => true, _logger);
        }
        catch
        {
            // The caller hears why, and may try again.
            using (_driver.Enter())
                _gatheringStarted = false;
            throw;
        }
    }

    /// <summary>Whether somebody looks at what pairs do.</summary>
    internal bool WantsPairs => CandidatePairChanged is not null || _telemetry.WantsPairs;

    /// <summary>Acts on an event of the machine. Called under the driver's lock: writes to snapshots and queues only.</summary>
    /// <remarks>What nobody listens to is not put into the queue: an agent without handlers needs no thread for them.</remarks>
    internal void Apply(IceEvent value)
    {
        switch (value)
        {
            case IceEvent.LocalCandidate gathered:
                Log.LocalCandidate(_logger, gathered.Candidate);
                _feed?.Add(gathered.Candidate);
                if (CandidateGathered is not null || _telemetry.WantsGathering)
                    Events.Post(new IceCandidateEventArgs(gathered.Stream, gathered.Candidate));
                break;
            case IceEvent.ServerResult result:
                ReportServer(result);
                break;
            case IceEvent.OpenRelayStream wanted:
                _driver.Streams.Open(wanted);
                break;
            case IceEvent.OpenGuessBases wanted:
                _guesses!.Open(wanted);
                break;
            case IceEvent.CloseGuessBases unused:
                _guesses!.Close(unused.Bases);
                break;
            case IceEvent.PortsPredicted predicted:
                Log.PatternRead(_logger, predicted.Component, predicted.OfPeer ? "peer's" : "local", predicted.Pattern, predicted.Predicted.Length);
                Log.PortsPredicted(_logger, predicted.Component, predicted.Predicted);
                break;
            case IceEvent.ProbingChanged changed:
                Log.ProbingChanged(_logger, changed.Component, changed.Kind, changed.Probes);
                break;
            case IceEvent.GatheringCompleted:
                _feed?.End();
                if (GatheringCompleted is not null || _telemetry.WantsGathering)
                    Events.Post(EventArgs.Empty);
                break;
            case IceEvent.StateChanged changed:
                ApplyState(changed);
                break;
            case IceEvent.SendPathChanged changed:
                ApplySendPath(changed);
                break;
            case IceEvent.AcceptedPathsChanged changed:
                IceComponent component = FindComponent(changed.Component);
                component.SetAccepted(changed.Paths);
                if (_mux is not null)
                    ApplyAcceptedToMux(_mux, changed.Paths);
                break;
            case IceEvent.PairChanged changed:
                if (WantsPairs)
                    Events.Post(new IceCandidatePairEventArgs(changed.Pair));
                break;
            case IceEvent.RoleChanged changed:
                Log.RoleChanged(_logger, changed.Role);
                Events.Post(new IceRoleChangedEventArgs(changed.Role));
                break;
            case IceEvent.Restarted restarted:
                Volatile.Write(ref _localParameters, restarted.Parameters);
                break;
        }
    }

    private void ApplyState(IceEvent.StateChanged changed)
    {
        IceConnectionState previous = _state;
        _state = changed.State;
        Log.StateChanged(_logger, previous, changed.State, changed.Explanation);
        switch (changed.State)
        {
            case IceConnectionState.Connected:
                // Connected once is connected until a restart or a failure.
                if (_outcome is null)
                    SetOutcome(null);
                break;
            case IceConnectionState.Failed:
                IceException failure = new(IceError.ConnectionFailed, changed.Explanation ?? $"ICE failed: {changed.Reason}.", changed.Reason);
                Array.ForEach(_components, component => component.SetRefusal(failure));
                SetOutcome(failure);
                break;
        }

        // The datagram handler waits for the event even where nobody else does.
        if (StateChanged is null && !_telemetry.WantsStates && !Array.Exists(_components, static component => component.HasHandler))
            return;
        Events.Post(new IceStateChangedEventArgs(previous, changed.State, changed.Reason, changed.Explanation)
        {
            Timestamp = _options.TimeProvider.GetTimestamp(),
        });
    }

    private void ApplySendPath(IceEvent.SendPathChanged changed)
    {
        IceComponent component = FindComponent(changed.Component);
        CandidatePairInfo? previous = component.SelectedPair;
        if (changed.Pair is { } pair && MakeSendPath(component, pair, changed.Relay) is { } path)
        {
            if (pair.Nominated)
                Log.PairSelected(_logger, changed.Component, pair.Local.Type, pair.Remote.Type);
            if (component.SelectedPair?.Id != pair.Id)
                _selectedPairChanges++;
            component.SetSendPath(path);
        }
        else
        {
            Log.PairLost(_logger, changed.Component);
            component.SetSendPath(null);
        }

        if (_mux is not null)
            MuxMember.SetValidated(_driver.Transports, changed.Pair?.Path);
        if (SelectedPairChanged is null && !_telemetry.WantsSelectedPairs)
            return;
        Events.Post(new IceSelectedPairChangedEventArgs(changed.Component, changed.Pair, previous) { Path = component.SendPath });
    }

    private void ApplyAcceptedToMux(MuxMember mux, ImmutableArray<IcePath> paths)
    {
        MuxMember.SetAccepted(_driver.Transports, paths);
        // The end of the session before a restart changes what is accepted.
        mux.Keep(_driver.Core.LocalParameters.UsernameFragment, _driver.Core.PreviousLocalParameters?.UsernameFragment);
    }

    /// <summary>Sockets of the mux are gone for good.</summary>
    internal void OnMuxLost(IReadOnlyList<MuxSocket> sockets, string reason)
    {
        BaseId[] lost;
        using (AgentDriver.Scope scope = _driver.Enter())
        {
            if (_driver.IsClosed)
                return;
            lost = [.. _driver.Transports.Where(transport => sockets.Contains(transport.Socket)).Select(static transport => transport.Id)];
            if (sockets.Count == _mux!.Sockets.Length)
                _driver.Core.SocketsClosed(reason, scope.Now);
        }

        Array.ForEach(lost, _driver.RemoveBase);
    }

    private SendPath? MakeSendPath(IceComponent component, CandidatePairInfo pair, RelayRoute? relay)
    {
        IcePath wire = relay?.Server ?? pair.Path;
        if (relay is { } overStream && _driver.Streams.Find(wire.Base)?.Link is { } link)
            return new StreamedSendPath(_driver, link, overStream, component.TrafficOf(pair.Path), pair);
        if (_driver.FindTransport(wire.Base) is not { } transport)
            return null;
        System.Net.SocketAddress destination = SocketAddressCodec.Create(wire.Remote, transport.ScopeId);
        PathTraffic traffic = component.TrafficOf(pair.Path);
        return relay is { } route
            ? new RelayedSendPath(_driver, transport, destination, route, traffic, pair)
            : new DirectSendPath(transport, destination, traffic, pair);
    }

    private void ReportServer(IceEvent.ServerResult result)
    {
        if (result.Failure is null)
            Log.ServerAnswered(_logger, result.Server.Url, result.Elapsed);
        else
            Log.ServerFailed(_logger, result.Server.Url, result.Failure);
        if (result is { Failure: { } failure, Base: { } from })
            _driver.CloseStream(result.Server.Id, from, failure);
        System.Net.IPEndPoint? local = result.Base is { } id ? _driver.FindTransport(id)?.LocalEndPoint : null;
        Events.Post(new IceServerAnsweredEventArgs(
            result.Server.Url, result.Server.Address.ToIPEndPoint(), local, result.Failure is null, result.Elapsed, result.Failure));
    }

    /// <summary>A restart: what belongs to the old session ends. Called under the driver's lock.</summary>
    private void BeginNewSession()
    {
        _feed?.End();
        _remoteNames?.Restart();
        foreach (IceComponent component in _components)
        {
            component.SetRefusal(null);
            component.RetireUnusedPaths();
        }

        _outcome = null;
    }

    /// <summary>Raises an event of the application, on the dispatcher's loop.</summary>
    internal void Raise(EventArgs args)
    {
        switch (args)
        {
            case IceStateChangedEventArgs changed:
                Invoke(StateChanged, changed);
                if (changed.State == IceConnectionState.Connected)
                    Array.ForEach(_components, static component => component.OpenHandler());
                break;
            case IceSelectedPairChangedEventArgs changed:
                Invoke(SelectedPairChanged, changed);
                break;
            case IcePayloadMtuChangedEventArgs changed:
                Invoke(PayloadMtuChanged, changed);
                break;
            case IceCandidatePairEventArgs changed:
                Invoke(CandidatePairChanged, changed);
                break;
            case IceCandidateEventArgs gathered:
                Invoke(CandidateGathered, gathered);
                break;
            case IceServerAnsweredEventArgs answered:
                Invoke(ServerAnswered, answered);
                break;
            case IceRoleChangedEventArgs changed:
                Invoke(RoleChanged, changed);
                break;
            case IceInterfacesChangedEventArgs changed:
                Invoke(InterfacesChanged, changed);
                break;
            default:
                Invoke(GatheringCompleted, args);
                break;
        }

        _telemetry.OnEvent(args);
    }

    private void Invoke<TArgs>(EventHandler<TArgs>? handlers, TArgs args)
        where TArgs : EventArgs
    {
        foreach (EventHandler<TArgs> handler in Delegate.EnumerateInvocationList(handlers))
            CallHandler(() => handler(this, args), args);
    }

    private void Invoke(EventHandler? handlers, EventArgs args)
    {
        foreach (EventHandler handler in Delegate.EnumerateInvocationList(handlers))
            CallHandler(() => handler(this, args), args);
    }

    private void CallHandler(Action call, EventArgs args)
    {
#pragma warning disable CA1031 // an application's handler may throw anything; the other handlers and the agent go on
        try
        {
            call();
        }
        catch (Exception exception)
        {
            Log.EventHandlerFailed(_logger, args.GetType().Name, exception);
        }
#pragma warning restore CA1031
    }

    private async ValueTask CloseAsync()
    {
        // A handler that disposes the agent and waits would otherwise wait for itself.
        bool byHandler = Events.IsRaisingHere;
        TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _closed, closed, null) is { } before)
        {
            if (!byHandler)
                await before.Task.ConfigureAwait(false);
            return;
        }

        _ = _driver.Close();

        await LazyInitializer.EnsureInitialized(ref _closing).CancelAsync().ConfigureAwait(false);
        Array.ForEach(_components, static component => component.Close());
        using (_driver.Enter())
        {
            if (_outcome is null)
                SetOutcome(new ObjectDisposedException(nameof(IceAgent)));
        }

        if (_watch is not null)
            await _watch.DisposeAsync().ConfigureAwait(false);
        if (_guesses is not null)
            await _guesses.WaitAsync().ConfigureAwait(false);
        Task removing;
        // A look at the addresses that is under way ends first: what it removes is waited for too.
        lock (_components)
            removing = _removing;
        await removing.ConfigureAwait(false);
        foreach (LocalTransport transport in _driver.Transports)
            transport.Close();
        _mux?.Leave();
        foreach (LocalTransport transport in _driver.Transports)
            await transport.DisposeAsync().ConfigureAwait(false);
        await _driver.DisposeAsync().ConfigureAwait(false);
        await _servers.ConfigureAwait(false);
        if (_remoteNames is not null)
            await _remoteNames.WaitAsync().ConfigureAwait(false);
        _feed?.End();
        Task raised = Events.CompleteAsync();
        if (!byHandler)
            await raised.ConfigureAwait(false);
        _telemetry.Close();
        closed.TrySetResult();
    }

    /// <summary>What the metrics tell of the agent.</summary>
    internal AgentTotals ReadTotals()
    {
        using AgentDriver.Scope scope = _driver.Enter();
        return StatsReader.ReadTotals(_driver, _components);
    }

    private IceComponent FindComponent(ComponentId id) => Array.Find(_components, component => component.Id == id)
        ?? throw new InvalidOperationException($"The machine named component {id}, which the agent does not have.");
}
