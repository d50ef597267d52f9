using System.Collections.Immutable;
using Stun;

namespace Ice.Core;

/// <content>The commands: what signalling, the driver and the application decide.</content>
public sealed partial class IceCore
{
    private static readonly IReadOnlyList<string> s_options = ImmutableArray.Create("ice2", "trickle");
    private static readonly IReadOnlyList<string> s_aggressiveOptions = ImmutableArray.Create("trickle");

    /// <summary>The peer's parameters for a stream, or null before they are known.</summary>
    /// <param name="stream">The data stream, from 0.</param>
    public IceParameters? GetRemoteParameters(int stream) => _session.Remotes[CheckStream(stream)]?.Parameters;

    /// <summary>Sets the role, as long as no check has been sent or received (signalling decides late in SIPSorcery and JSEP).</summary>
    /// <exception cref="InvalidOperationException">Checks have begun, or one of the agents is lite and the other full.</exception>
    public void SetRole(IceRole role, Instant now)
    {
        if (role == _agent.Role)
            return;
        if (_checksSeen || _session.Checklists.ChecksStarted)
            throw new InvalidOperationException("The role cannot be set once checks have begun: set it before SetRemoteParameters. A role conflict is repaired by the agents themselves (RFC 8445 §7.3.1.1).");
        // RFC 8445 §6.1.1: "The full agent MUST take the controlling role, and the lite agent MUST take the controlled role."
        if (Array.Exists(_session.Remotes, r => r is not null && r.Parameters.Lite != _agent.IsLite))
            throw new InvalidOperationException("One agent is full and the other lite: the full one is controlling, the lite one controlled (RFC 8445 §6.1.1).");
        _agent.SwitchRole(role);
        _session.RoleChanged();
        Advance(now);
    }

    /// <summary>Adds a bound socket: its host candidate is gathered at once, reflexive ones from every server of its family.</summary>
    /// <remarks>
    /// Once gathering is complete or a pair of the component is nominated, the base is kept for the next session: call
    /// <see cref="Restart"/> to use it (RFC 8838 §13).
    /// </remarks>
    /// <exception cref="ArgumentException">The id is in use, the address is none or unspecified, or the agent has no such component.</exception>
    /// <exception cref="InvalidOperationException">The agent is closed, or the socket is for guessing and the agent has no <see cref="IceCoreOptions.Traversal"/>.</exception>
    public void AddBase(BaseId id, ComponentId component, TransportAddress address, BaseTraits traits, Instant now)
    {
        ArgumentNullException.ThrowIfNull(traits);
        ThrowIfClosed();
        _ = _paths.GetMonitor(component);
        if (_agent.FindBase(id) is not null)
            throw new ArgumentException($"There is a base {id.Value} already: each socket needs a number of its own.", nameof(id));
        if (address.IsNone || address.IsAny || address.Port == 0)
            throw new ArgumentException($"{address} is no address that a peer could send to: bind to one local address and give the port that the system chose.", nameof(address));
        // RFC 8445 §5.1.2.1: "the local preference MUST be unique for each one"
        int wanted = traits.ForGuessing ? Math.Max(traits.LocalPreference - _agent.GuessBases.Length, 0) : traits.LocalPreference;
        var localBase = new LocalBase(id, component, address, traits with
        {
            LocalPreference = _agent.FindFreePreference(component, wanted),
            SignalHost = traits.SignalHost && !traits.ForGuessing,
        });
        if (traits.ForGuessing)
        {
            AddGuessBase(localBase, now);
            return;
        }

        _agent.Bases = [.. _agent.Bases, localBase];
        // RFC 8838 §13: "Past that point, an agent MUST NOT trickle any new candidates within this ICE session."
        bool nominated = _session.Checklists.Lists[component.Stream].GetSelected(component.Component) is not null;
        if (_session.Gatherer.State != GatheringState.Complete && !nominated)
            _session.Gatherer.AddBase(localBase, now);
        Advance(now);
    }

    /// <summary>The socket or its interface went away: its candidates, pairs and transactions go too.</summary>
    public void RemoveBase(BaseId id, Instant now)
    {
        if (_agent.FindBase(id) is not { Relay: null } localBase)
            return;
        _agent.Bases = Array.FindAll(_agent.Bases, other => other != localBase);
        ForgetGuessBase(localBase);
        ConsentMonitor monitor = _paths.GetMonitor(localBase.Component);
        if (monitor.Pair?.Local.Base == localBase)
            _paths.Lose(monitor, IceFailureReason.InterfaceLost, "the local interface went away", now);
        Relays.BaseRemoved(_session, _previous, localBase, now);
        _session.RemoveBase(localBase, now);
        _previous?.RemoveBase(localBase, now);
        _concluder.ReportAccepted(localBase.Component);
        Advance(now);
    }

    /// <summary>All sockets were closed by what they belong to, and none will come: the session fails, whether it was connected or not.</summary>
    /// <param name="explanation">What happened and what to try, for people.</param>
    /// <param name="now">The time.</param>
    public void SocketsClosed(string explanation, Instant now)
    {
        ArgumentException.ThrowIfNullOrEmpty(explanation);
        if (State == IceConnectionState.Closed)
            return;
        foreach (LocalBase localBase in _agent.Bases)
            _paths.Lose(_paths.GetMonitor(localBase.Component), IceFailureReason.SocketsClosed, explanation, now);
        foreach (Checklist list in _session.Checklists.Lists)
        {
            list.State = ChecklistState.Failed;
            list.FailureReason = IceFailureReason.SocketsClosed;
            list.FailureDetail = explanation;
        }

        foreach (LocalBase localBase in _agent.Bases.Where(static b => b.Relay is null).ToArray())
            RemoveBase(localBase.Id, now);
        Advance(now);
    }

    /// <summary>Adds a resolved server; every base of its family asks it.</summary>
    public void AddServer(GatheringServer server, Instant now)
    {
        ArgumentNullException.ThrowIfNull(server);
        ThrowIfClosed();
        if (_agent.IsLite)
            throw new InvalidOperationException("A lite agent has host candidates only (RFC 8445 §5.2): give it no servers.");
        if (_agent.Servers.Contains(server))
            return;
        _agent.Servers = [.. _agent.Servers, server];
        if (_session.Gatherer.State != GatheringState.Complete)
            _session.Gatherer.AddServer(server, now);
        Advance(now);
    }

    /// <summary>No further base or server comes: when the transactions under way have ended, gathering is complete.</summary>
    public void EndGatheringInputs(Instant now)
    {
        _inputsEnded = true;
        _session.Gatherer.EndInputs(now);
        Advance(now);
    }

    /// <summary>Sets the peer's parameters of a stream; new ones after a restart begin the new session's checks.</summary>
    /// <exception cref="ArgumentException">The credentials break RFC 8839 §5.4.</exception>
    /// <exception cref="InvalidOperationException">The session has other parameters already: the peer restarted, so call Restart first.</exception>
    public void SetRemoteParameters(int stream, IceParameters parameters, Instant now)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ThrowIfClosed();
        if (parameters.Validate() is { } wrong)
            throw new ArgumentException(wrong, nameof(parameters));
        if (_session.Remotes[CheckStream(stream)] is { } known)
        {
            if (known.Parameters.UsernameFragment == parameters.UsernameFragment && known.Parameters.Password == parameters.Password)
                return;
            throw new InvalidOperationException("The peer's credentials have changed, so it restarted ICE: call Restart, signal the new local parameters, then set these (RFC 8445 §9).");
        }

        // RFC 8445 §6.1.1: "The full agent MUST take the controlling role, and the lite agent MUST take the controlled role."
        // "Both lite: The initiating agent that started the ICE processing MUST take the controlling role": as the options say.
        IceRole role = parameters.Lite == _agent.IsLite ? _agent.Role : _agent.IsLite ? IceRole.Controlled : IceRole.Controlling;
        if (role != _agent.Role)
        {
            _agent.SwitchRole(role);
            _session.RoleChanged();
        }

        _session.Remotes[stream] = new RemoteSide(parameters, _session.Local.UsernameFragment);
        _agent.Pacing.Negotiate(_agent.Options.Pacing, parameters.PacingMilliseconds);
        _session.StartPatience(now);
        Requests.ProcessEarly(_session, stream, now);
        ConcludeLite(stream, now);
        Advance(now);
    }

    /// <summary>Adds a candidate of the peer. What cannot be used is ignored, and the reason is returned.</summary>
    /// <returns>Null, or why the candidate is of no use to this agent.</returns>
    public string? AddRemoteCandidate(int stream, IceCandidate candidate, Instant now)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        ThrowIfClosed();
        Checklist list = _session.Checklists.Lists[CheckStream(stream)];
        if (WhyUnusable(stream, list, candidate) is { } reason)
            return reason;
        var component = new ComponentId(stream, candidate.Component);
        if (_session.Candidates.FindRemote(component, candidate.Address) is { } known)
        {
            if (!known.IsPeerReflexive)
                return null;
            // The peer signals what its check had shown already: the pairs of it stay, with their states and their nomination.
            known.Info = candidate;
            list.Sort(_agent.Role);
            _concluder.Reconsider(_session, list, component.Component, now);
            _session.PairRemote(known, now);
        }
        else if (_session.Candidates.AddSignaled(candidate, stream) is { } added)
        {
            _session.PairRemote(added, now);
        }
        else
        {
            _agent.Drops.Count(DropReason.LimitReached);
            return $"the peer has signalled {IceDefaults.MaxRemoteCandidates} candidates already";
        }

        _session.LastProgressAt = now;
        ConcludeLite(stream, now);
        Advance(now);
        return null;
    }

    /// <summary>The peer has no more candidates for the stream (RFC 8838 §14).</summary>
    public void EndOfRemoteCandidates(int stream, Instant now)
    {
        Checklist list = _session.Checklists.Lists[CheckStream(stream)];
        list.EndOfRemoteCandidates = true;
        // RFC 8445 §6.1.2.2: "the number of components for that data stream is effectively reduced and is considered to be equal to the
        // minimum across both agents of the maximum component ID provided by each agent across all components for the data stream."
        int most = 0;
        foreach (RemoteCandidate candidate in _session.Candidates.Remote)
        {
            if (candidate.Component.Stream == stream)
                most = Math.Max(most, candidate.Component.Component);
        }

        if (most > 0)
            list.ComponentCount = Math.Min(list.ComponentCount, most);
        Concluder.UpdateCompletion(list);
        Advance(now);
    }

    /// <summary>Starts a new session with new credentials while the old pair still carries data (RFC 8445 §9).</summary>
    /// <param name="parameters">The new local credentials; null draws fresh ones.</param>
    /// <param name="now">The time.</param>
    /// <returns>The new local parameters.</returns>
    /// <exception cref="ArgumentException">The credentials break RFC 8839 §5.4, or are those of the running session.</exception>
    public IceParameters Restart(IceParameters? parameters, Instant now)
    {
        ThrowIfClosed();
        IceParameters local = Complete(parameters ?? IceParameters.Create(_agent.Entropy));
        if (local.Validate() is { } wrong)
            throw new ArgumentException(wrong, nameof(parameters));
        // RFC 8445 §9: "To restart ICE, an agent MUST change both the password and the username fragment for the data stream(s) being
        // restarted."
        if (local.UsernameFragment == _session.Local.UsernameFragment || local.Password == _session.Local.Password)
            throw new ArgumentException("A restart needs a new username fragment and a new password (RFC 8445 §9).", nameof(parameters));
        // RFC 7675 §5.1: "an endpoint that continues to send traffic on the previously validated candidate pair during ICE restart MUST
        // continue to perform consent freshness on that candidate pair"
        if (_session.IsCompleted || _previous is null || !_previous.IsCompleted)
            _previous = _session;
        _previous.Transactions.RemoveWhere(static t => t.Check is not { IsConsent: true });
        _dropPreviousAt = Instant.Never;
        // RFC 8445 §9: "agents MUST NOT redetermine the roles as part as an ICE restart, unless certain criteria that require the roles to be
        // redetermined are fulfilled."
        _checksSeen |= _session.Checklists.ChecksStarted;
        Session before = _session;
        _session = new Session(_agent, local) { LastProgressAt = now };
        _state.Restarted();
        _agent.Events.Add(new IceEvent.Restarted(local));
        // RFC 8445 §9: "When the ICE is restarted, the candidate set for the new ICE session might include some, none, or all of the
        // candidates used in the current ICE session."
        foreach (LocalBase localBase in _agent.Bases)
            _session.Gatherer.AddBase(localBase, now);
        Relays.Restarted(_session, _previous, before, now);
        if (_inputsEnded)
            _session.Gatherer.EndInputs(now);
        Advance(now);
        return local;
    }

    /// <summary>Stops using a pair on the peer's word (RFC 7675 §5.2): nothing is sent on the component until a restart.</summary>
    public void RevokeConsent(ComponentId component, Instant now)
    {
        _paths.Lose(_paths.GetMonitor(component), IceFailureReason.ConsentExpired, "the peer revoked its consent", now);
        Advance(now);
    }

    /// <summary>Application data has arrived on a component since the last report: the path is alive.</summary>
    public void ReportDataReceived(ComponentId component, Instant now) => _paths.GetMonitor(component).DataReceived(now);

    /// <summary>Application data has been sent on a component since the last report: no keepalive is needed (RFC 8445 §11).</summary>
    public void ReportDataSent(ComponentId component, Instant now) => _paths.GetMonitor(component).DataSent(now);

    private string? WhyUnusable(int stream, Checklist list, IceCandidate candidate)
    {
        // RFC 8838 §14: "After an agent has received an end-of-candidates indication, it MUST ignore any newly received candidates for that
        // data stream or data session."
        if (list.EndOfRemoteCandidates)
            return "it came after end-of-candidates (RFC 8838 §14)";
        if (candidate.Component > _agent.Options.Streams[stream])
            return $"this agent has {_agent.Options.Streams[stream]} component(s), not {candidate.Component}";
        if (candidate.Transport != IceTransport.Udp)
            return $"its transport is {candidate.TransportToken}; only UDP is checked";
        if (candidate.HostName is not null)
            return "its name is not resolved; resolve it and add the address";
        if (candidate.Address.IsNone || candidate.Address.IsAny || candidate.Address.IsMulticast || candidate.Address.Port == 0)
            return $"{candidate.Address} is no unicast address and port";
        // RFC 8838 §9: "if there is an ICE restart, any delayed updates for a previous session can be recognized as such and ignored by the
        // receiving party."
        foreach (IceCandidateExtension extension in candidate.Extensions)
        {
            if (extension.Name == "ufrag" && _session.Remotes[stream] is { } remote && remote.Parameters.UsernameFragment != extension.Value)
                return "it belongs to another session of the peer (its ufrag is not the current one)";
        }

        return null;
    }

    private void ConcludeLite(int stream, Instant now)
    {
        // RFC 8445 §8.2: "If the peer is a lite agent, the agent pairs local candidates with remote candidates ..."
        if (_agent.IsLite && _session.Remotes[stream] is { Parameters.Lite: true })
            _concluder.SelectWithoutChecks(_session, _session.Checklists.Lists[stream], now);
    }

    private IceParameters Complete(IceParameters parameters)
    {
        // RFC 8445 §10: "An agent compliant to this specification MUST inform the peer about the compliance using the 'ice2' option."
        IReadOnlyList<string> own = _agent.Options.AggressiveNomination ? s_aggressiveOptions : s_options;
        // RFC 8445 §14.2: "If an agent wants to use a Ta value other than the default value, the agent MUST indicate the proposed value to
        // its peer during the establishment of the ICE session."
        // RFC 8839 §4.3.1: "If the offerer is a full ICE implementation, it SHOULD include an "ice-pacing" attribute in the offer ...  A lite
        // ICE implementation MUST NOT include the "ice-pacing" attribute in the offer".
        int? pacing = _agent.IsLite ? null : (int)_agent.Options.Pacing.TotalMilliseconds;
        return parameters with
        {
            Options = parameters.Options.Count == 0 ? own : [.. parameters.Options.Union(own, StringComparer.Ordinal)],
            Lite = _agent.IsLite,
            PacingMilliseconds = parameters.PacingMilliseconds ?? pacing,
        };
    }

    private int CheckStream(int stream)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stream);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(stream, _session.Remotes.Length);
        return stream;
    }

    private void ThrowIfClosed()
    {
        if (State == IceConnectionState.Closed)
            throw new InvalidOperationException("The agent is closed: create a new one.");
    }
}
