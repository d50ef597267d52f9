using System.Diagnostics.CodeAnalysis;
using Stun;

namespace Ice.Core;

/// <summary>
/// The ICE agent as a state machine (RFC 8445). It owns no socket, no thread and no clock: datagrams, commands and the time go in;
/// datagrams, events and the next deadline come out. Two runs given the same inputs and the same entropy produce the same outputs.
/// </summary>
/// <remarks>Not thread-safe. After any input, drain both outputs and then re-read <see cref="NextTimeout"/>.</remarks>
[Experimental("ICE001")]
public sealed partial class IceCore
{
    private readonly AgentContext _agent;
    private readonly Concluder _concluder;
    private readonly CheckScheduler _scheduler;
    private readonly Nominator _nominator;
    private readonly DataPaths _paths;
    private readonly StateKeeper _state;
    private Session _session;
    private Session? _previous;
    private Instant _dropPreviousAt = Instant.Never;
    private bool _inputsEnded;
    private bool _checksSeen;

    /// <summary>Creates an agent in state New.</summary>
    /// <param name="options">How it behaves.</param>
    /// <param name="entropy">The randomness: credentials, tie-breaker, transaction ids, consent intervals.</param>
    /// <param name="now">The time.</param>
    /// <param name="local">Our credentials, in place of those of the options, which many agents may share.</param>
    /// <exception cref="ArgumentException">The options cannot be; the message says which and why.</exception>
    public IceCore(IceCoreOptions options, EntropySource entropy, Instant now, IceParameters? local = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(entropy);
        options.Validate();
        if (local?.Validate() is { } wrong)
            throw new ArgumentException(wrong, nameof(local));
        _agent = new AgentContext(options, entropy);
        _concluder = new Concluder(_agent);
        var sender = new CheckSender(_agent);
        _scheduler = new CheckScheduler(_agent, sender);
        _nominator = new Nominator(_agent);
        _paths = new DataPaths(_agent, sender, _concluder);
        _state = new StateKeeper(_agent);
        _session = new Session(_agent, Complete(local ?? options.LocalParameters ?? IceParameters.Create(entropy)));
        _session.LastProgressAt = now;
        NextTimeout = Instant.Never;
    }

    /// <summary>Our credentials and options of the current session.</summary>
    public IceParameters LocalParameters => _session.Local;

    /// <summary>Those of the session before a restart, as long as its checks are still answered (RFC 8445 §9); null otherwise.</summary>
    public IceParameters? PreviousLocalParameters => _previous?.Local;

    /// <summary>The role as it stands.</summary>
    public IceRole Role => _agent.Role;

    /// <summary>The state of the agent.</summary>
    public IceConnectionState State => _state.State;

    /// <summary>The state of gathering.</summary>
    public GatheringState GatheringState => _session.Gatherer.State;

    /// <summary>Whether each change of a pair is told by <see cref="IceEvent.PairChanged"/>: as a rule; not where nobody displays or logs them.</summary>
    public bool ReportsPairs
    {
        get => _agent.ReportsPairs;
        set => _agent.ReportsPairs = value;
    }

    /// <summary>When <see cref="HandleTimeout"/> is due; Never when idle.</summary>
    public Instant NextTimeout { get; private set; }

    /// <summary>Handles a received datagram. Never throws, whatever the bytes.</summary>
    /// <param name="path">The base that it came to and the address that it came from.</param>
    /// <param name="datagram">The bytes.</param>
    /// <param name="now">The time.</param>
    public InputResult HandleDatagram(IcePath path, ReadOnlySpan<byte> datagram, Instant now) =>
        TryHandleRelayed(path, datagram, now, out InputResult result) ? result : HandleDirect(path, datagram, now);

    // These hold nothing of their own.
    private RequestHandler Requests => new(_agent, _concluder);

    private ResponseHandler Responses => new(_agent, _concluder);

    private RelayGathering Relays => new(_agent, _paths);

    private InputResult HandleDirect(IcePath path, ReadOnlySpan<byte> datagram, Instant now)
    {
        if (Demultiplexer.Classify(datagram) != PacketKind.Stun)
            return InputResult.NotStun;
        if (State == IceConnectionState.Closed)
            return _agent.Drops.Count(DropReason.Closed);
        if (!StunMessage.TryParse(datagram, out StunMessage message, out StunParseError error))
        {
            return _agent.Drops.Count(error switch
            {
                StunParseError.Rfc3489 => DropReason.Rfc3489,
                StunParseError.BadFingerprint => DropReason.BadFingerprint,
                _ => DropReason.Malformed,
            });
        }

        if (_agent.FindBase(path.Base) is not { } localBase)
            return _agent.Drops.Count(DropReason.UnknownBase);
        // Who wants to be reached through relays alone does not answer elsewhere either.
        if (_agent.Options.RelayOnly && localBase.Relay is null && message.Class == StunClass.Request)
            return _agent.Drops.Count(DropReason.RelayOnly);
        if (message.Method != StunMethod.Binding)
            return _agent.Drops.Count(DropReason.UnexpectedMethod);
        InputResult result = message.Class switch
        {
            StunClass.Request => HandleRequest(localBase, path, message, now),
            // RFC 8445 §11: "It is used solely to keep the NAT bindings alive."
            StunClass.Indication => InputResult.Handled,
            _ => HandleResponse(localBase, path, message, now),
        };
        Advance(now);
        return result;
    }

    /// <summary>Does what is due.</summary>
    /// <param name="now">The time.</param>
    public void HandleTimeout(Instant now)
    {
        if (State != IceConnectionState.Closed)
            Advance(now);
    }

    /// <summary>Ends everything; the state becomes Closed. Nothing is sent any more, but the requests that delete allocations: drain once more.</summary>
    /// <param name="now">The time.</param>
    public void Close(Instant now)
    {
        if (State == IceConnectionState.Closed)
            return;
        _state.Close();
        _previous = null;
        _agent.Output.Clear();
        _agent.Relays.Close(now);
        _paths.Update(_session, null, closed: true, now);
        NextTimeout = Instant.Never;
    }

    /// <summary>Encodes the next datagram to send into the caller's buffer.</summary>
    /// <param name="buffer">At least 1,280 bytes.</param>
    /// <param name="transmit">From where to where, and the length.</param>
    /// <returns>False when there is nothing more to send.</returns>
    public bool TryGetTransmit(Span<byte> buffer, out Transmit transmit)
    {
        if (!_agent.Output.TryTake(buffer, out transmit))
            return false;
        NoteMapping(buffer, transmit);
        return true;
    }

    /// <summary>The next event.</summary>
    /// <param name="value">The event.</param>
    /// <returns>False when there is none.</returns>
    public bool TryGetEvent([NotNullWhen(true)] out IceEvent? value) => _agent.Events.TryTake(out value);

    private InputResult HandleRequest(LocalBase localBase, IcePath path, in StunMessage message, Instant now)
    {
        InputResult result = Requests.Handle(_session, _previous, localBase, path, message, now);
        _checksSeen |= result == InputResult.Handled;
        return result;
    }

    private InputResult HandleResponse(LocalBase localBase, IcePath path, in StunMessage message, Instant now)
    {
        Session session = _session;
        if (!session.Transactions.TryFind(message.TransactionId, out Transaction? transaction))
        {
            if (_previous is null || !_previous.Transactions.TryFind(message.TransactionId, out transaction))
                return _agent.Drops.Count(DropReason.UnknownTransaction);
            session = _previous;
        }

        return transaction.Gathering is null
            ? Responses.Handle(session, transaction, localBase, path, message, now)
            : session.Gatherer.Handle(transaction, path, message, now);
    }

    /// <summary>Everything that follows from an input or from the time: one order, whatever the input was.</summary>
    private void Advance(Instant now)
    {
        _agent.Relays.Tick(now);
        Relays.Drain(_session, _previous, now);
        _session.Gatherer.Tick(now);
        Responses.Tick(_session, now);
        if (_previous is not null)
            Responses.Tick(_previous, now);
        // Also when connected: gathering may not have ended, and the deadlines of both are to be renewed.
        _nominator.Evaluate(_session, now);
        _scheduler.Run(_session, now);
        // A better pair that was waited for without a check has one now: it is waited for no longer than its answer may take.
        _nominator.Evaluate(_session, now);
        _paths.Tick(now);
        _state.Conclude(_session, now);
        DropPrevious(now);
        _paths.Update(_session, _previous, closed: false, now);
        _state.Update(_session, _paths.AnySilent);
        // A channel may have been asked for.
        _scheduler.Run(_session, now);
        // What is beyond RFC 8445 goes last, and only when nothing else waits.
        _session.Prober?.Run(_scheduler.NextAt.IsNever, now);
        CloseUnusedGuessBases(now);
        NextTimeout = ComputeNextTimeout();
        GiveBackEndedConsents();
    }

    private void GiveBackEndedConsents()
    {
        // One that is still to be sent must stay as it is.
        if (!_agent.Output.IsEmpty)
            return;
        _session.Transactions.GiveBackEnded();
        _previous?.Transactions.GiveBackEnded();
    }

    private Instant ComputeNextTimeout()
    {
        Instant next = Instant.Min(Instant.Min(_scheduler.NextAt, _nominator.NextAt), Instant.Min(_paths.NextAt, _state.NextAt));
        next = Instant.Min(next, Instant.Min(_session.Gatherer.NextKeepAliveAt, _dropPreviousAt));
        next = Instant.Min(next, _agent.Relays.NextTimeout(_agent.Options.GatheringTimeout));
        next = Instant.Min(next, Instant.Min(_session.Prober?.NextAt ?? Instant.Never, _freeGuessBasesAt));
        foreach (Transaction transaction in _session.Transactions.Items)
            next = Instant.Min(next, transaction.DueAt);
        if (_previous is not null)
        {
            foreach (Transaction transaction in _previous.Transactions.Items)
                next = Instant.Min(next, transaction.DueAt);
        }

        return next;
    }

    private void DropPrevious(Instant now)
    {
        if (_previous is null)
            return;
        // RFC 8445 §8.3.1: "the agent SHOULD wait an additional three seconds"; datagrams of the old path may still be under way.
        if (_dropPreviousAt.IsNever && !_session.IsRunning)
            _dropPreviousAt = now + IceDefaults.FreeingDelay;
        if (now < _dropPreviousAt)
            return;
        _previous = null;
        _dropPreviousAt = Instant.Never;
        foreach (LocalBase localBase in _agent.Bases)
            _concluder.ReportAccepted(localBase.Component);
    }
}
