using Stun;

namespace Turn;

/// <summary>What a TCP allocation has beyond a UDP one (RFC 6062): connections to and from peers. Bounded.</summary>
internal sealed class TcpAllocation(ClientContext context, PermissionTable permissions)
{
    private readonly Dictionary<TransportAddress, ConnectEntry> _entries = [];

    public Instant NextTimeout
    {
        get
        {
            Instant next = Instant.Never;
            foreach (ConnectEntry entry in _entries.Values)
            {
                if (!entry.IsAsked && (context.State == TurnClientState.Allocated || !entry.IsWanted))
                    next = Instant.Min(next, entry.NotBefore);
            }

            return next;
        }
    }

    public void Connect(TransportAddress peer, Instant now)
    {
        peer = peer.WithoutScope();
        // RFC 6062 §4.3: "However, Connect requests with the same XOR-PEER-ADDRESS parameter MUST NOT be sent simultaneously."
        if (_entries.TryGetValue(peer, out ConnectEntry? entry))
            entry.IsWanted = true;
        else if (_entries.Count >= context.Options.MaxPermissions)
            context.Report(new TurnClientEvent.PeerConnectFailed(peer, TurnFailure.LimitReached, 0));
        else
            _entries.Add(peer, new ConnectEntry(peer) { NotBefore = now });
    }

    public void Clear() => _entries.Clear();

    public void Tick(Instant now)
    {
        foreach (ConnectEntry entry in _entries.Values)
        {
            if (entry.IsAsked || entry.NotBefore > now)
                continue;
            if (!entry.IsWanted)
            {
                _ = _entries.Remove(entry.Peer);
            }
            else if (context.State == TurnClientState.Allocated)
            {
                entry.IsAsked = true;
                context.Requests.Add(new ClientConnectRequest(this, entry));
            }
        }
    }

    public void TakeConnected(ConnectEntry entry, scoped in StunMessage response)
    {
        _ = _entries.Remove(entry.Peer);
        if (response.TryGetConnectionId(out uint connectionId))
            context.Report(new TurnClientEvent.PeerConnected(entry.Peer, connectionId));
        else
            context.Report(new TurnClientEvent.PeerConnectFailed(entry.Peer, TurnFailure.BadResponse, 0));
    }

    public void TakeError(ConnectEntry entry, RequestError error, Instant now)
    {
        entry.IsAsked = false;
        entry.IsWanted = false;
        // RFC 6062 §4.3: "The client MAY retry with the same XOR-PEER-ADDRESS attribute, but MUST wait at least 10 seconds."
        entry.NotBefore = error.Code == StunErrorCode.ConnectionTimeoutOrFailure ? now + TurnDefaults.ConnectRetryWait : now;
        context.Report(new TurnClientEvent.PeerConnectFailed(entry.Peer, error.Failure, error.Code));
    }

    /// <summary>A ConnectionAttempt indication (RFC 6062 §4.4).</summary>
    public TurnInput HandleAttempt(scoped in StunMessage message)
    {
        if (!message.TryGetPeer(out TransportAddress peer))
            return context.Drop(TurnDropReason.NoPeerAddress);
        if (!message.TryGetConnectionId(out uint connectionId))
            return context.Drop(TurnDropReason.NoData);
        // A server lets only peers with permissions in; an indication of another one is not the server's, since none is authenticated.
        return permissions.IsInstalled(peer)
            ? context.ReportHint(new TurnClientEvent.ConnectionAttempt(peer, connectionId))
            : context.Drop(TurnDropReason.NoPermission);
    }
}
