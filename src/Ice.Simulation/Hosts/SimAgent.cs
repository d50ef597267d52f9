using System.Collections.Immutable;
using System.Text;
using Ice.Core;
using Stun;

namespace Ice.Simulation;

/// <summary>
/// Drives an <see cref="IceCore"/> on a <see cref="SimHost"/>, as the asynchronous agent does on a real one: opens a socket for each address and
/// component, hands datagrams and the time in, drains datagrams and events, and arms one timer.
/// </summary>
public sealed class SimAgent
{
    /// <summary>The most datagrams or events that one input may lead to; more means that the machine loops.</summary>
    public const int MaxOutputsPerDrain = 1_000;

    /// <summary>How often a deadline may be due at one instant before that counts as an endless loop.</summary>
    public const int MaxTimeoutsAtOneInstant = 200;

    private const int BufferLength = 1_500;

    // The machine's numbers for streams: above those of sockets.
    private const int FirstStream = 100_000;

    // How long a server may take to be connected to, as in the asynchronous agent.
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(10);

    private readonly SimNetwork _network;
    private readonly SimAgentOptions _options;
    private readonly SimRandom _random;
    private readonly IceCore _core;
    private readonly byte[] _buffer = new byte[BufferLength];
    private readonly List<SimBase> _bases = [];
    private readonly List<AgentLogEntry> _log = [];
    private readonly List<ReceivedData> _received = [];
    private readonly List<AgentObserver> _observers = [];
    private readonly Dictionary<ComponentId, CandidatePairInfo?> _sendPaths = [];
    private readonly Dictionary<ComponentId, ImmutableArray<IcePath>> _acceptedPaths = [];
    private readonly Dictionary<BaseId, RelayStream> _streams = [];
    private readonly List<SimInterface> _interfaces;
    private int _relayCount;
    private int _streamCount;
    private int _nextPreference = ushort.MaxValue;
    private Instant _armed = Instant.Never;
    private Instant _lastTimeout;
    private int _timeoutsAtOneInstant;
    private Instant? _suspendedAt;
    private TimeSpan _slept;

    /// <summary>Creates an agent; nothing is sent or bound before <see cref="Gather"/>.</summary>
    public SimAgent(SimHost host, string name, SimAgentOptions options)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        Host = host;
        Name = name;
        _network = host.Network;
        _options = options;
        _random = _network.Random.Fork();
        _core = new IceCore(options.Core, new SimEntropy(_network.Random.Fork()), _network.Now);
        _interfaces = [.. options.Interfaces.Count > 0 ? options.Interfaces : host.Interfaces];
        State = _core.State;
        Drain();
    }

    /// <summary>The host.</summary>
    public SimHost Host { get; }

    /// <summary>The name, for messages.</summary>
    public string Name { get; }

    /// <summary>The machine: for reading. Commands go through <see cref="Run"/>, which drains it.</summary>
    public IceCore Core => _core;

    /// <summary>How it was set up.</summary>
    public SimAgentOptions Options => _options;

    /// <summary>The interfaces that it uses, and those that went away.</summary>
    public IReadOnlyList<SimInterface> Interfaces => _interfaces;

    /// <summary>The sockets, in the order of their base numbers.</summary>
    public IReadOnlyList<SimBase> Bases => _bases;

    /// <summary>Whether <see cref="Gather"/> was called.</summary>
    public bool IsGathering { get; private set; }

    /// <summary>The state as last reported.</summary>
    public IceConnectionState State { get; private set; }

    /// <summary>Why the agent failed or is disconnected.</summary>
    public IceFailureReason Reason { get; private set; }

    /// <summary>The reason in a sentence.</summary>
    public string? Explanation { get; private set; }

    /// <summary>Every event so far.</summary>
    public IReadOnlyList<AgentLogEntry> Log => _log;

    /// <summary>Data that came over accepted paths.</summary>
    public IReadOnlyList<ReceivedData> Received => _received;

    /// <summary>How many datagrams of data came over paths that are not accepted, and were dropped.</summary>
    public int RejectedData { get; private set; }

    // What the machine is told.
    private Instant Now => _network.Now - _slept;

    /// <summary>Called with each event, after it was logged.</summary>
    internal Action<IceEvent>? EventHandler { get; set; }

    /// <summary>Lets an observer watch.</summary>
    public void AddObserver(AgentObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        _observers.Add(observer);
    }

    /// <summary>Binds a socket for each component on each address, hands them and the servers to the machine, and ends the gathering's inputs.</summary>
    public void Gather()
    {
        if (IsGathering)
            throw new InvalidOperationException($"{Name} gathers already.");
        IsGathering = true;
        for (int i = 0; i < _options.Servers.Count; i++)
        {
            TransportAddress server = _options.Servers[i];
            _core.AddServer(new GatheringServer(i, server, $"stun:{server}"), Now);
        }

        foreach (SimRelay relay in _options.Relays)
        {
            var credential = new LongTermCredential(relay.Username, relay.Password);
            var server = new GatheringServer(_options.Servers.Count + _relayCount++, relay.Server, $"turn:{relay.Server}{(relay.Transport == RelayTransport.Tcp ? "?transport=tcp" : "")}")
            {
                Relay = new RelaySettings(relay.Transport, credential),
            };
            _core.AddServer(server, Now);
        }

        foreach (SimInterface nic in _interfaces)
            AddBases(nic);

        _core.EndGatheringInputs(Now);
        Drain();
    }

    /// <summary>Gives the machine a command, then drains it.</summary>
    public void Run(Action<IceCore, Instant> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        command(_core, Now);
        Drain();
    }

    /// <summary>Gives the machine a command that answers, then drains it.</summary>
    public T Run<T>(Func<IceCore, Instant, T> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        T result = command(_core, Now);
        Drain();
        return result;
    }

    /// <summary>Puts the agent's process to sleep: no timer of it runs, and what arrives is lost.</summary>
    /// <remarks>Give it no commands until <see cref="Resume"/>.</remarks>
    public void Suspend() => _suspendedAt ??= _network.Now;

    /// <summary>Wakes the agent's process. What was due meanwhile is done at once.</summary>
    /// <param name="clockStood">Whether its clock stood still meanwhile, as CLOCK_MONOTONIC does when a machine sleeps; otherwise it went on.</param>
    public void Resume(bool clockStood)
    {
        if (_suspendedAt is not { } suspendedAt)
            throw new InvalidOperationException($"{Name} is not suspended.");
        _suspendedAt = null;
        if (clockStood)
            _slept += _network.Now - suspendedAt;
        _armed = Instant.Never;
        Arm();
    }

    /// <summary>Uses an interface that has come: at once while gathering goes on, from the next restart of ICE on afterwards.</summary>
    public void AddInterface(SimInterface nic)
    {
        ArgumentNullException.ThrowIfNull(nic);
        if (_bases.Exists(used => used.Socket.Interface == nic && !used.IsClosed))
            throw new ArgumentException($"{Name} uses {nic.Name} already.", nameof(nic));
        if (!_interfaces.Contains(nic))
            _interfaces.Add(nic);
        if (IsGathering)
            AddBases(nic);
    }

    /// <summary>Takes an interface away: its sockets and connections close and their bases go.</summary>
    public void RemoveInterface(SimInterface nic)
    {
        foreach (SimBase removed in _bases)
        {
            if (removed.Socket.Interface == nic && !removed.IsClosed)
            {
                removed.Close();
                _core.RemoveBase(removed.Id, Now);
            }
        }

        foreach (RelayStream relay in _streams.Values.Where(relay => relay.Stream.Interface == nic).ToArray())
            Close(relay);
        Drain();
    }

    /// <summary>Where data of a component goes, or null.</summary>
    public CandidatePairInfo? GetSendPath(ComponentId component) => _sendPaths.GetValueOrDefault(component);

    /// <summary>Sends data over a component's selected path.</summary>
    /// <returns>False when there is none.</returns>
    public bool SendData(ComponentId component, string text)
    {
        if (GetSendPath(component) is not { } pair)
            return false;
        foreach (AgentObserver observer in _observers)
            observer.OnData(this, component, pair.Path);
        byte[] data = Encoding.UTF8.GetBytes(text);
        if (pair.Local.Type == IceCandidateType.Relayed)
        {
            byte[] wrapped = new byte[data.Length + 64];
            if (!_core.TryEncodeRelayed(pair.Path, data, wrapped, out Transmit transmit))
                return false;
            Send(transmit.Path, wrapped.AsSpan(0, transmit.Length));
        }
        else
        {
            Send(pair.Path, data);
        }

        _core.ReportDataSent(component, Now);
        Drain();
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private void AddBases(SimInterface nic)
    {
        foreach (TransportAddress address in nic.Addresses)
            AddBases(nic, address, _nextPreference--);
    }

    private void AddBases(SimInterface nic, TransportAddress address, int preference)
    {
        for (int stream = 0; stream < _options.Core.Streams.Count; stream++)
        {
            for (int component = 1; component <= _options.Core.Streams[stream]; component++)
            {
                SimBase added = Bind(new ComponentId(stream, component), address);
                var traits = new BaseTraits { LocalPreference = preference, InterfaceName = nic.Name };
                _core.AddBase(added.Id, added.Component, added.Socket.LocalAddress, traits, Now);
                Drain();
            }
        }
    }

    private void Send(IcePath path, ReadOnlySpan<byte> message)
    {
        if (path.Base.Value < FirstStream)
            Socket(path.Base).Send(path.Remote, message);
        else if (_streams.TryGetValue(path.Base, out RelayStream? relay))
            relay.Stream.Send(message);
        // What was for a stream that has closed meanwhile is lost, as on a real one.
    }

    private void OpenGuessBases(IceEvent.OpenGuessBases open)
    {
        SimBase from = _bases[open.From.Value];
        for (int i = 0; i < open.Count && State != IceConnectionState.Closed && !from.IsClosed; i++)
        {
            SimBase added = Bind(from.Component, from.Socket.LocalAddress.WithPort(0));
            _core.AddBase(added.Id, added.Component, added.Socket.LocalAddress, new BaseTraits { ForGuessing = true }, Now);
            Drain();
        }
    }

    private SimBase Bind(ComponentId component, TransportAddress address)
    {
        var added = new SimBase(new BaseId(_bases.Count), component, Host.Bind(address));
        _bases.Add(added);
        added.Socket.OnReceive((_, remote, datagram) => OnDatagram(added, remote, datagram));
        return added;
    }

    private SimSocket Socket(BaseId id)
    {
        if ((uint)id.Value >= (uint)_bases.Count)
            throw new InvariantViolationException($"{Name} sends from base {id.Value}, which it was never given.");
        SimBase found = _bases[id.Value];
        return found.IsClosed
            ? throw new InvariantViolationException($"{Name} sends from base {id.Value}, which was removed.")
            : found.Socket;
    }

    private void OnDatagram(SimBase at, TransportAddress remote, ReadOnlySpan<byte> datagram)
    {
        Receive(new IcePath(at.Id, remote), at.Component, datagram);
    }

    private void Receive(IcePath path, ComponentId component, ReadOnlySpan<byte> datagram)
    {
        if (_suspendedAt is not null)
            return;
        InputResult result = _core.HandleDatagram(path, datagram, Now);
        foreach (AgentObserver observer in _observers)
            observer.OnDatagram(this, path, datagram, result);
        RelayedData relayed = _core.RelayedData;
        Drain();
        if (result == InputResult.RelayedData)
        {
            path = relayed.Path;
            datagram = datagram.Slice(relayed.Offset, relayed.Length);
        }
        else if (result != InputResult.NotStun)
        {
            return;
        }

        if (!_acceptedPaths.TryGetValue(component, out ImmutableArray<IcePath> accepted) || !accepted.Contains(path))
        {
            RejectedData++;
            return;
        }

        _received.Add(new ReceivedData(component, path, Encoding.UTF8.GetString(datagram)));
        _core.ReportDataReceived(component, Now);
        Drain();
    }

    private void OpenStream(IceEvent.OpenRelayStream open)
    {
        SimBase from = _bases[open.From.Value];
        var relay = new RelayStream(open.RelayId, new BaseId(FirstStream + _streamCount++), Host.Connect(from.Socket.LocalAddress.WithPort(0), open.Server.Address));
        _streams.Add(relay.Via, relay);
        relay.Stream.Opened = () => Run((core, now) => core.RelayStreamOpened(relay.RelayId, relay.Via, now));
        relay.Stream.Received = bytes => OnStreamBytes(relay, from.Component, bytes);
        relay.Stream.Closed = reason => CloseStream(relay, reason);
        _network.Schedule(_options.Core.GatheringTimeout ?? s_connectTimeout, () =>
        {
            if (relay.Stream is { IsOpen: false, IsClosed: false })
            {
                relay.Stream.Close();
                CloseStream(relay, "the server cannot be reached");
            }
        });
    }

    private void OnStreamBytes(RelayStream relay, ComponentId component, ReadOnlyMemory<byte> bytes)
    {
        if (relay.Frames.Take(bytes.Span) is not { } messages)
        {
            relay.Stream.Close();
            CloseStream(relay, "the server sends something that is not TURN");
            return;
        }

        foreach (byte[] message in messages)
            Receive(new IcePath(relay.Via, relay.Server), component, message);
    }

    private void CloseStream(RelayStream relay, string reason)
    {
        _ = _streams.Remove(relay.Via);
        Run((core, now) => core.RelayStreamClosed(relay.RelayId, reason, now));
    }

    private void Close(RelayStream relay)
    {
        _ = _streams.Remove(relay.Via);
        relay.Stream.Close();
    }

    private void Drain()
    {
        int transmits = 0;
        while (_core.TryGetTransmit(_buffer, out Transmit transmit))
        {
            CountOutput(++transmits, "datagrams");
            ReadOnlySpan<byte> message = _buffer.AsSpan(0, transmit.Length);
            foreach (AgentObserver observer in _observers)
                observer.OnTransmit(this, transmit.Path, message);
            Send(transmit.Path, message);
        }

        int events = 0;
        while (_core.TryGetEvent(out IceEvent? happened))
        {
            CountOutput(++events, "events");
            Apply(happened);
        }

        foreach (AgentObserver observer in _observers)
            observer.OnDrained(this, _network.Now, transmits, events);
        Arm();
    }

    private void CountOutput(int count, string what)
    {
        if (count > MaxOutputsPerDrain)
            throw new InvariantViolationException($"{Name} gave more than {MaxOutputsPerDrain} {what} for one input: its output queue has no end.");
    }

    private void Apply(IceEvent happened)
    {
        _log.Add(new AgentLogEntry(_network.Now, happened));
        switch (happened)
        {
            case IceEvent.StateChanged changed:
                State = changed.State;
                Reason = changed.Reason;
                Explanation = changed.Explanation;
                break;
            case IceEvent.SendPathChanged path:
                _sendPaths[path.Component] = path.Pair;
                break;
            case IceEvent.AcceptedPathsChanged accepted:
                _acceptedPaths[accepted.Component] = accepted.Paths;
                break;
            case IceEvent.OpenRelayStream open:
                OpenStream(open);
                break;
            case IceEvent.OpenGuessBases open:
                // Not within the drain that reports it.
                _network.Schedule(_network.Now, () => OpenGuessBases(open));
                break;
            case IceEvent.CloseGuessBases close:
                foreach (BaseId id in close.Bases)
                    _bases[id.Value].Close();
                break;
            default:
                break;
        }

        foreach (AgentObserver observer in _observers)
            observer.OnEvent(this, happened);
        EventHandler?.Invoke(happened);
    }

    private void Arm()
    {
        Instant due = _core.NextTimeout;
        if (due.IsNever || due >= _armed)
            return;
        _armed = due;
        // A deadline in the past fires at once; one in the future as late as a real timer may.
        Instant wake = due <= Now ? _network.Now : due + _slept + _random.UpTo(_options.TimerSlack);
        if (wake.IsNever)
            return;
        _network.Schedule(wake, () => OnTimer(due));
    }

    private void OnTimer(Instant armedFor)
    {
        if (armedFor != _armed || _suspendedAt is not null)
            return;
        _armed = Instant.Never;
        Instant now = Now;
        if (_core.NextTimeout <= now)
        {
            _timeoutsAtOneInstant = now == _lastTimeout ? _timeoutsAtOneInstant + 1 : 0;
            _lastTimeout = now;
            if (_timeoutsAtOneInstant > MaxTimeoutsAtOneInstant)
                throw new InvariantViolationException($"{Name}: NextTimeout is stuck at {_core.NextTimeout} while the time is {now}: HandleTimeout does not do what is due.");
            _core.HandleTimeout(now);
            Drain();
        }

        Arm();
    }
}
