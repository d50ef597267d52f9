using Stun;

namespace Ice.Core;

/// <summary>Watches the path that carries a component's data: consent (RFC 7675), liveness and keepalives (RFC 8445 §11).</summary>
internal sealed class ConsentMonitor(AgentContext agent, CheckSender sender, ComponentId component)
{
    private Instant _nextCheckAt = Instant.Never;
    private Instant _lastSentAt;
    private Instant _lastDataAt;

    public ComponentId Component { get; } = component;

    /// <summary>The session of the watched pair.</summary>
    public Session? Session { get; private set; }

    /// <summary>The pair that carries data; null when none does.</summary>
    public CandidatePair? Pair { get; private set; }

    private bool ChecksConsent => agent.Options.Consent && !agent.IsLite && Session?.Remotes[Component.Stream] is not null;

    public Instant NextAt => Pair is null ? Instant.Never
        : ChecksConsent ? Instant.Min(_nextCheckAt, Instant.Min(ExpiresAt, DisconnectedAt))
        : _lastSentAt + IceDefaults.KeepaliveInterval;

    private Instant ExpiresAt => Pair!.LastResponseAt + IceDefaults.ConsentExpiry;

    private Instant DisconnectedAt => IsSilent ? Instant.Never : Instant.Max(Pair!.LastResponseAt, _lastDataAt) + IceDefaults.DisconnectedAfter;

    /// <summary>Whether neither an answer nor data has come for a while.</summary>
    public bool IsSilent { get; private set; }

    public void Watch(Session? session, CandidatePair? pair, Instant now)
    {
        if (pair == Pair)
            return;
        Session = session;
        Pair = pair;
        IsSilent = false;
        _lastDataAt = now;
        _lastSentAt = now;
        _nextCheckAt = pair is null ? Instant.Never : now + NextInterval();
    }

    public void DataReceived(Instant now)
    {
        _lastDataAt = now;
        if (Pair is not null)
            Pair.LastHeardAt = now;
    }

    public void DataSent(Instant now) => _lastSentAt = now;

    /// <summary>Sends what is due.</summary>
    /// <returns>False when consent has expired: nothing more may be sent over the pair.</returns>
    public bool Tick(Instant now)
    {
        if (Pair is not { } pair)
            return true;
        if (!ChecksConsent)
        {
            KeepAlive(pair, now);
            return true;
        }

        // RFC 7675 §5.1: "if a valid STUN binding response has not been received from the remote peer's transport address in 30 seconds,
        // the endpoint MUST cease transmission on that 5-tuple."
        if (now >= ExpiresAt || pair.ConsentLost)
        {
            DiscardChecks(Session!, pair);
            return false;
        }

        if (now >= _nextCheckAt)
        {
            sender.SendConsent(Session!, pair, now);
            _nextCheckAt = now + NextInterval();
        }

        IsSilent = now >= Instant.Max(pair.LastResponseAt, _lastDataAt) + IceDefaults.DisconnectedAfter;
        return true;
    }

    private static void DiscardChecks(Session session, CandidatePair pair) =>
        // RFC 7675 §5.1: "All outstanding STUN consent transactions for a candidate pair MUST be discarded when consent expires."
        session.Transactions.RemoveWhere(t => t.Check is { IsConsent: true } check && check.Pair == pair);

    private void KeepAlive(CandidatePair pair, Instant now)
    {
        // RFC 8445 §11: "An agent MUST send a keepalive on each candidate pair that is used for sending data if no packet has been sent on
        // that pair in the last Tr seconds."
        if (now < _lastSentAt + IceDefaults.KeepaliveInterval)
            return;
        _lastSentAt = now;
        agent.Output.Add(PendingSend.ForIndication(pair.Path, TransactionId.Create(agent.Entropy)));
    }

    // RFC 7675 §5.1: "each interval MUST be randomized from between 0.8 and 1.2 times the basic period."
    private TimeSpan NextInterval() => IceDefaults.ConsentInterval * (0.8 + (0.4 * agent.Entropy.NextDouble()));
}
