using Stun;

namespace Ice.Core;

/// <summary>
/// Sends probes, within a budget, when nothing else wants to be sent. A probe is a connectivity check on the wire (RFC 8445 §7.2.2) that no pair and
/// no transaction stands for: it opens our NAT's filter for an address that the peer may come from, and it may reach the peer, whose own check,
/// or the one that the probe triggers there, then passes and is handled as any check is.
/// </summary>
internal sealed class Prober
{
    private readonly Session _session;
    private readonly OwnMapping _own;
    private readonly ComponentProber[] _components;
    private readonly Dictionary<ComponentId, ComponentProber> _byId;
    private readonly TimeSpan _interval;
    private Instant? _startedAt;
    private Instant _lastProbeAt;
    private Instant _nextProbeAt;
    private (ComponentProber Component, IcePath Path)? _pending;
    private int _turn;

    public Prober(Session session, IceTraversalOptions options)
    {
        _session = session;
        _own = new OwnMapping(session.Agent, session.Agent.Mappings!);
        _byId = Components(session).ToDictionary(static component => component, component => new ComponentProber(session, component, _own));
        _components = [.. _byId.Values];
        _interval = TimeSpan.FromSeconds(1) / options.ProbesPerSecond;
        Duration = options.Duration;
    }

    /// <summary>When there is something to do; Never when that is not a matter of time.</summary>
    public Instant NextAt { get; private set; } = Instant.Never;

    /// <summary>What is known of our own NAT.</summary>
    public OwnMapping Own => _own;

    private TimeSpan Duration { get; }

    private Instant EndsAt => _startedAt is { } started ? started + Duration : Instant.Never;

    /// <summary>Until when a direct pair of a component may yet be found; the time itself when none is to be expected.</summary>
    public Instant HopesUntil(ComponentId component, Instant now)
    {
        ComponentProber prober = _byId[component];
        prober.Update(now >= EndsAt);
        if (prober.Kind == IceProbing.None)
            return now;
        return prober.IsExhausted ? Instant.Min(_lastProbeAt + TraversalDefaults.AnswerWait, EndsAt) : EndsAt;
    }

    /// <summary>An extra socket was opened.</summary>
    public void AddSocket(LocalBase socket) => _byId[socket.Component].AddSocket(socket);

    /// <summary>A socket is gone.</summary>
    public void RemoveSocket(LocalBase socket)
    {
        _byId[socket.Component].RemoveSocket(socket);
        if (_pending?.Path.Base == socket.Id)
            _pending = null;
    }

    /// <summary>How many extra sockets are to stay open.</summary>
    public int WantedSockets
    {
        get
        {
            int count = 0;
            foreach (ComponentProber component in _components)
                count += component.WantedSockets;
            return count;
        }
    }

    /// <summary>Whether an extra socket is to stay open.</summary>
    public bool Wants(LocalBase socket) => _byId[socket.Component].Wants(socket);

    /// <summary>Sends the next probe when its time has come.</summary>
    /// <param name="idle">Whether no check and no request to a server waits for its turn.</param>
    /// <param name="now">The time.</param>
    public void Run(bool idle, Instant now)
    {
        NextAt = Instant.Never;
        if (!_session.Checklists.ChecksStarted)
            return;
        _startedAt ??= now;
        bool any = false;
        foreach (ComponentProber component in _components)
        {
            component.Update(now >= EndsAt);
            any |= component.Kind != IceProbing.None;
        }

        if (!any)
        {
            _pending = null;
            return;
        }

        NextAt = EndsAt;
        Instant begins = _startedAt.Value + TraversalDefaults.ProbeDelay;
        if (now < begins)
            NextAt = Instant.Min(begins, NextAt);
        else if (idle && FindNext(now))
            Send(_pending!.Value.Path, now);
    }

    private static IEnumerable<ComponentId> Components(Session session) =>
        session.Agent.Options.Streams.SelectMany(static (count, stream) => Enumerable.Range(1, count).Select(component => new ComponentId(stream, component)));

    private bool FindNext(Instant now)
    {
        if (_pending is { } pending && pending.Component.Kind != IceProbing.None)
            return true;
        _pending = null;
        for (int i = 0; i < _components.Length; i++)
        {
            ComponentProber component = _components[(_turn + i) % _components.Length];
            if (component.TryNext(now, out IcePath path, out Instant retryAt))
            {
                _turn = (_turn + i + 1) % _components.Length;
                _pending = (component, path);
                return true;
            }

            NextAt = Instant.Min(NextAt, retryAt);
        }

        return false;
    }

    private void Send(IcePath path, Instant now)
    {
        AgentContext agent = _session.Agent;
        Instant retryAt = _nextProbeAt;
        if (now < _nextProbeAt || !agent.Pacing.TryTakeSpare(now, out retryAt))
        {
            NextAt = Instant.Min(NextAt, retryAt);
            return;
        }

        _pending = null;
        _lastProbeAt = now;
        _nextProbeAt = now + _interval;
        NextAt = Instant.Min(NextAt, _nextProbeAt);
        if (agent.FindBase(path.Base) is not { } from || _session.Remotes[from.Component.Stream] is not { } remote)
            return;
        var content = new CheckContent(remote, from.PeerReflexivePriority, agent.Role, agent.TieBreaker, UseCandidate: false);
        agent.Output.Add(PendingSend.ForProbe(path, TransactionId.Create(agent.Entropy), content));
        agent.ProbesSent++;
    }
}
