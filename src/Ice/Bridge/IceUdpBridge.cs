using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Ice.Net;
using Microsoft.Extensions.Logging;
using Stun;

namespace Ice;

/// <summary>
/// Forwards datagrams between a component's selected pair and a local UDP port, so that a program which speaks UDP (OpenSSL, GStreamer, FFmpeg,
/// a QUIC stack) runs over ICE without knowing of it. Thread-safe.
/// </summary>
/// <remarks>
/// <para>The application sends to <see cref="LocalEndPoint"/> and receives from it. A change of the pair, a restart of ICE, or an application
/// that is away for a while ends nothing: the datagrams of that time wait, as many as the options allow, or are lost as with UDP.</para>
/// <para>A datagram that looks like a STUN message (RFC 7983 §7) is for the peer's agent and does not come out at the peer's bridge. Nothing is
/// allocated per datagram, and no lock is taken once the application is known and there is a pair.</para>
/// </remarks>
public sealed class IceUdpBridge : IAsyncDisposable
{
    private const int MaxDatagramSize = 65_535;

    // An error that repeats without a datagram in between is no ICMP echo of something sent: the socket is gone.
    private const int MaxConsecutiveErrors = 100;

    // What is forwarded without a pause: a flood of the application must not keep a thread for itself.
    private const int Burst = 64;

    private readonly IceAgent _agent;
    private readonly IceUdpBridgeOptions _options;
    private readonly ILogger _logger;
    private readonly IDatagramSocket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;
    private readonly CancellationTokenRegistration _cancellation;
    private readonly TaskCompletionSource<IPEndPoint> _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly HeldDatagrams _forPeer;
    private readonly HeldDatagrams _forApplication;
    private readonly BridgeCounters _counters = new();
    // Written once, under the gate, after what the loop compares senders with.
    private SocketAddress? _application;
    private TransportAddress _applicationAddress;
    private volatile bool _holding;

    private IceUdpBridge(IceAgent agent, IceComponent component, IceUdpBridgeOptions options, IDatagramSocket socket, CancellationToken cancellationToken)
    {
        _agent = agent;
        Component = component;
        _options = options;
        _logger = agent.Logger;
        _socket = socket;
        LocalEndPoint = socket.LocalEndPoint;
        _stopped = _stop.Token;
        _cancellation = cancellationToken.UnsafeRegister(static bridge => ((IceUdpBridge)bridge!).Stop(), this);
        bool dropOldest = options.HeldDropPolicy == IceReceiveDropPolicy.DropOldest;
        _forPeer = new HeldDatagrams(options.HeldDatagrams, dropOldest);
        _forApplication = new HeldDatagrams(options.HeldDatagrams, dropOldest);
        if (options.Application is { } application)
            SetApplication(TransportAddress.FromIPAddress(application.Address, application.Port).WithoutScope(), application.Serialize());
    }

    /// <summary>The component whose datagrams are forwarded.</summary>
    public IceComponent Component { get; }

    /// <summary>Where the application sends to and receives from.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>The application's address and port; null before its first datagram, unless the options name it.</summary>
    public IPEndPoint? ApplicationEndPoint => _known.Task.IsCompletedSuccessfully ? _known.Task.Result : null;

    /// <summary>Ends when the bridge has: after its or the agent's disposal, or with the token of its start. Fails when its socket was lost for good.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Starts a bridge for the agent's first component.</summary>
    /// <inheritdoc cref="Start(IceAgent, IceComponent, IceUdpBridgeOptions?, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public static IceUdpBridge Start(IceAgent agent, IceUdpBridgeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return Start(agent, agent.Components[0], options, cancellationToken);
    }

    /// <summary>Starts a bridge for one component; it may be started before the agent gathers or connects.</summary>
    /// <param name="agent">The agent. The bridge ends with it, and does not end it.</param>
    /// <param name="component">One of its components; each can have one bridge, which takes all its datagrams.</param>
    /// <param name="options">Where to meet the application; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the bridge.</param>
    /// <returns>The bridge, running.</returns>
    /// <exception cref="ArgumentException">An option cannot be used, or the component is another agent's; the message says which.</exception>
    /// <exception cref="InvalidOperationException">Something else takes the component's datagrams: a bridge, a DatagramHandler or a waiting ReceiveAsync.</exception>
    /// <exception cref="SocketException">The local address cannot be bound.</exception>
    /// <exception cref="ObjectDisposedException">The agent was disposed.</exception>
    public static IceUdpBridge Start(IceAgent agent, IceComponent component, IceUdpBridgeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(component);
        options ??= new IceUdpBridgeOptions();
        options.Validate();
        if (!agent.Components.Contains(component))
            throw new ArgumentException("The component is not one of the agent's: take it from IceAgent.Components.", nameof(component));
        IDatagramSocket socket = options.SocketFactory?.Invoke(options.Local) ?? PortableUdpSocket.Bind(options.Local);
        IceUdpBridge bridge = new(agent, component, options, socket, cancellationToken);
        try
        {
            component.Attach(bridge.OnDatagram);
        }
        catch
        {
            bridge.Release();
            throw;
        }

        Log.BridgeStarted(bridge._logger, component.Id, bridge.LocalEndPoint);
        agent.SelectedPairChanged += bridge.OnSelectedPairChanged;
        agent.StateChanged += bridge.OnStateChanged;
        bridge.Completion = Task.Run(bridge.RunAsync, CancellationToken.None);
        return bridge;
    }

    /// <summary>Waits until the application is known: until its first datagram, unless the options name it.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The application's address and port.</returns>
    /// <exception cref="ObjectDisposedException">The bridge ended before.</exception>
    public Task<IPEndPoint> WaitForApplicationAsync(CancellationToken cancellationToken = default) => _known.Task.WaitAsync(cancellationToken);

    /// <summary>Counts of this moment.</summary>
    public IceUdpBridgeStats GetStats()
    {
        lock (_gate)
            return _counters.Read() with { WaitingForPair = _forPeer.Count, WaitingForApplication = _forApplication.Count };
    }

    /// <summary>Ends the bridge, not the agent: when the task has ended no socket and no task of it is left. May be called again.</summary>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended.
        }
    }

    private async Task RunAsync()
    {
        try
        {
            // The agent may have been closed before its events were heard.
            if (_agent.State != IceConnectionState.Closed)
                await ForwardAllAsync().ConfigureAwait(false);
        }
        finally
        {
            _agent.SelectedPairChanged -= OnSelectedPairChanged;
            _agent.StateChanged -= OnStateChanged;
            Component.Detach();
            Release();
            Log.BridgeEnded(_logger, Component.Id);
        }
    }

    private void Release()
    {
        _cancellation.Dispose();
        _socket.Dispose();
        // Nobody need be waiting: looked at, it is no unobserved exception.
        if (_known.TrySetException(new ObjectDisposedException(nameof(IceUdpBridge))))
            _ = _known.Task.Exception;
    }

    // From the application to the peer.
    private async Task ForwardAllAsync()
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(MaxDatagramSize);
        SocketAddress source = _socket.CreateAddress();
        int errors = 0;
        int burst = 0;
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                ValueTask<int> receiving = _socket.ReceiveFromAsync(buffer, source, _stopped);
                burst = receiving.IsCompleted ? burst + 1 : 0;
                int length = await receiving.ConfigureAwait(false);
                errors = 0;
                if (IsApplication(source))
                    await ForwardAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
                if (burst < Burst)
                    continue;
                burst = 0;
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException) when (_stopped.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException exception)
            {
                _counters.CountReceiveError();
                Log.BridgeReceiveError(_logger, Component.Id, exception.SocketErrorCode);
                // What ICMP says of the application's port, or a datagram too long for any UDP, is no reason to end.
                errors = exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionRefused or SocketError.NetworkReset
                    or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.MessageSize ? 0 : errors + 1;
                if (errors < MaxConsecutiveErrors)
                    continue;
                Log.BridgeLost(_logger, Component.Id, exception.Message);
                throw;
            }
        }
    }

    private bool IsApplication(SocketAddress source)
    {
        TransportAddress sender = SocketAddressCodec.Read(source);
        bool known = _application is not null;
        bool accepted = known
            ? sender == _applicationAddress || (_options.AnySourcePort && sender.WithPort(_applicationAddress.Port) == _applicationAddress)
            : sender.IsLoopback || _options.AcceptRemoteApplication;
        if (!accepted)
        {
            _counters.CountStranger();
            Log.BridgeStranger(_logger, Component.Id, sender);
            return false;
        }

        if (known)
            return true;
        SocketAddress copy = _socket.CreateAddress();
        source.Buffer.CopyTo(copy.Buffer);
        SetApplication(sender, copy);
        return true;
    }

    private void SetApplication(TransportAddress application, SocketAddress address)
    {
        IPEndPoint endPoint = (IPEndPoint)LocalEndPoint.Create(address);
        Log.BridgeApplicationKnown(_logger, Component.Id, endPoint);
        lock (_gate)
        {
            // In this order: what has waited arrives before what comes from now on.
            while (_forApplication.TryTake(out ReadOnlySpan<byte> held))
                Deliver(held, address);
            _applicationAddress = application;
            Volatile.Write(ref _application, address);
        }

        _known.TrySetResult(endPoint);
    }

    // Not async: where nothing has to be waited for, nothing is allocated, in a debug build neither.
    private ValueTask ForwardAsync(ReadOnlyMemory<byte> datagram)
    {
        if (_holding || Component.SendPath is not { } path)
        {
            Hold(datagram.Span);
            return ValueTask.CompletedTask;
        }

        ValueTask sending = path.SendAsync(datagram, null, _stopped);
        if (!sending.IsCompletedSuccessfully)
            return FinishAsync(sending, datagram.Length);
        Complete(sending);
        _counters.CountSentToPeer(datagram.Length);
        return ValueTask.CompletedTask;
    }

    // A task that has ended is looked at once, so that its source can be used again.
    private static void Complete(ValueTask ended) => ended.GetAwaiter().GetResult();

    private async ValueTask FinishAsync(ValueTask sending, int length)
    {
        try
        {
            await sending.ConfigureAwait(false);
            _counters.CountSentToPeer(length);
        }
        catch (IceException exception)
        {
            Refuse(length, exception.Message);
        }
    }

    private void Hold(ReadOnlySpan<byte> datagram)
    {
        lock (_gate)
        {
            if (!_forPeer.Hold(datagram))
                _counters.CountGivenUpForPeer();
            _holding = true;
            // The pair may have come just now, and its event have found nothing.
            SendHeld();
        }
    }

    // Called under the gate.
    private void SendHeld()
    {
        if (Component.SendPath is not { } path)
            return;
        while (_forPeer.TryTake(out ReadOnlySpan<byte> datagram))
        {
            try
            {
                if (path.TrySend(datagram, null))
                    _counters.CountSentToPeer(datagram.Length);
                else
                    Refuse(datagram.Length, "the system had no room or no way there.");
            }
            catch (IceException exception)
            {
                Refuse(datagram.Length, exception.Message);
            }
        }

        _holding = false;
    }

    private void Refuse(int length, string reason)
    {
        _counters.CountRefusedForPeer();
        Log.BridgeRefused(_logger, Component.Id, length, reason);
    }

    // From the peer to the application, on a receive loop of the agent.
    private void OnDatagram(IceComponent component, ReadOnlySpan<byte> datagram, TransportAddress remote)
    {
        SocketAddress? application = Volatile.Read(ref _application);
        if (application is null)
        {
            lock (_gate)
            {
                application = _application;
                if (application is null)
                {
                    if (!_forApplication.Hold(datagram))
                        _counters.CountGivenUpForApplication();
                    return;
                }
            }
        }

        Deliver(datagram, application);
    }

    private void Deliver(ReadOnlySpan<byte> datagram, SocketAddress application)
    {
        if (_socket.TrySendTo(datagram, application) == SocketError.Success)
            _counters.CountSentToApplication(datagram.Length);
        else
            _counters.CountRefusedForApplication();
    }

    private void OnSelectedPairChanged(object? sender, IceSelectedPairChangedEventArgs args)
    {
        if (args.Component != Component.Id || args.Pair is null)
            return;
        lock (_gate)
            SendHeld();
    }

    private void OnStateChanged(object? sender, IceStateChangedEventArgs args)
    {
        if (args.State == IceConnectionState.Closed)
            Stop();
    }
}
