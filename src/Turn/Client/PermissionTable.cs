using Stun;

namespace Turn;

/// <summary>The permissions of the allocation (RFC 8656 §9, §10): asks for them, many in one request, and refreshes them. Bounded.</summary>
internal sealed class PermissionTable(ClientContext context, AllocationKeeper allocation)
{
    // With 12 IPv6 peers and what authentication takes, a request stays below the 548 bytes that RFC 8489 §6.1 gives for unknown IPv4 paths,
    // as long as username, realm and nonce are of the usual lengths.
    internal const int MaxPeersPerRequest = 12;

    private readonly Dictionary<TransportAddress, PermissionEntry> _entries = [];
    private bool _collecting;

    /// <summary>Whether one is wanted that the server does not have and was not asked for.</summary>
    public bool HasNew { get; private set; }

    public Instant NextTimeout
    {
        get
        {
            Instant next = Instant.Never;
            foreach (PermissionEntry entry in _entries.Values)
            {
                next = Instant.Min(next, entry.ExpiresAt);
                if (entry.IsWanted && !entry.IsAsked && !_collecting && context.State == TurnClientState.Allocated)
                    next = Instant.Min(next, entry.DueAt);
            }

            return next;
        }
    }

    public bool IsInstalled(TransportAddress peer) => _entries.TryGetValue(KeyOf(peer), out PermissionEntry? entry) && entry.IsInstalled;

    /// <summary>Whether the server has a permission, or a request for it is under way.</summary>
    public bool IsAskedOrInstalled(TransportAddress peer) =>
        _entries.TryGetValue(KeyOf(peer), out PermissionEntry? entry) && (entry.IsInstalled || entry.IsAsked);

    /// <summary>Asks for a permission, or keeps one that is there.</summary>
    public void Request(TransportAddress peer, Instant now)
    {
        TransportAddress key = KeyOf(peer);
        if (context.State == TurnClientState.Allocated && !allocation.HasFamilyOf(peer))
        {
            // RFC 8656 §10.1: "The client MUST only include XOR-PEER-ADDRESS attributes with addresses of the same address family as that of
            // the relayed transport address for the allocation."
            context.Report(new TurnClientEvent.PermissionFailed(peer, TurnFailure.AddressFamilyMismatch, StunErrorCode.PeerAddressFamilyMismatch));
        }
        else if (_entries.TryGetValue(key, out PermissionEntry? entry))
        {
            entry.IsWanted = true;
            if (entry.IsInstalled)
                context.Report(new TurnClientEvent.PermissionReady(peer));
        }
        else if (_entries.Count >= context.Options.MaxPermissions)
        {
            context.Report(new TurnClientEvent.PermissionFailed(peer, TurnFailure.LimitReached, 0));
        }
        else
        {
            _entries.Add(key, new PermissionEntry(peer.WithoutScope()) { DueAt = now });
            HasNew = true;
        }
    }

    /// <summary>Lets a permission end: it is not refreshed any more.</summary>
    public void Release(TransportAddress peer)
    {
        TransportAddress key = KeyOf(peer);
        if (!_entries.TryGetValue(key, out PermissionEntry? entry))
            return;
        entry.IsWanted = false;
        if (!entry.IsInstalled && !entry.IsAsked)
            _ = _entries.Remove(key);
    }

    /// <summary>A ChannelBind request succeeded: it installs the permission too.</summary>
    /// <returns>The permission.</returns>
    public PermissionEntry TakeChannelBound(TransportAddress peer, bool wanted, Instant sentAt)
    {
        // RFC 8656 §12.1: "A ChannelBind transaction also creates or refreshes a permission towards the peer (see Section 9)."
        TransportAddress key = KeyOf(peer);
        if (!_entries.TryGetValue(key, out PermissionEntry? entry))
        {
            // Nobody has asked for this one by itself.
            entry = new PermissionEntry(peer.WithoutScope()) { IsReported = true };
            _entries.Add(key, entry);
        }

        Install(entry, sentAt);
        entry.IsWanted |= wanted;
        ReportReady(entry);
        return entry;
    }

    public void TakeAllocated(Instant now)
    {
        foreach ((TransportAddress key, PermissionEntry entry) in _entries)
        {
            if (allocation.HasFamilyOf(entry.Peer))
                continue;
            _ = _entries.Remove(key);
            context.Report(new TurnClientEvent.PermissionFailed(entry.Peer, TurnFailure.AddressFamilyMismatch, StunErrorCode.PeerAddressFamilyMismatch));
        }

        Tick(now);
    }

    public void Clear()
    {
        foreach (PermissionEntry entry in _entries.Values)
            entry.IsInstalled = false;
        _entries.Clear();
        _collecting = false;
        HasNew = false;
    }

    public void Tick(Instant now)
    {
        foreach ((TransportAddress key, PermissionEntry entry) in _entries)
        {
            if (entry.ExpiresAt <= now)
                Expire(key, entry);
        }

        if (_collecting || context.State != TurnClientState.Allocated || !HasDue(now))
            return;
        _collecting = true;
        context.Requests.Add(new ClientPermissionRequest(this, null));
    }

    /// <summary>The permissions that the next request is for: those that are due, and those that will be soon.</summary>
    public PermissionEntry[] Collect(Instant now)
    {
        _collecting = false;
        if (!HasDue(now))
            return [];
        PermissionEntry[] entries =
        [
            .. _entries.Values
                .Where(entry => entry.IsDue(now + TurnDefaults.PermissionRefreshWindow))
                .OrderBy(static entry => entry.IsInstalled)
                .ThenBy(static entry => entry.DueAt)
                .Take(MaxPeersPerRequest),
        ];
        foreach (PermissionEntry entry in entries)
            entry.IsAsked = true;
        HasNew = _entries.Values.Any(static entry => entry is { IsWanted: true, IsInstalled: false, IsAsked: false });
        Tick(now);
        return entries;
    }

    public void TakeInstalled(PermissionEntry[] entries, Instant sentAt)
    {
        foreach (PermissionEntry entry in entries)
        {
            Install(entry, sentAt);
            ReportReady(entry);
        }
    }

    public void TakeError(PermissionEntry[] entries, RequestError error, Instant now)
    {
        // One peer that the server does not like makes it refuse all of them: ask for each half, to find which.
        if (entries.Length > 1 && error.Failure == TurnFailure.Refused)
        {
            int half = entries.Length / 2;
            context.Requests.Add(new ClientPermissionRequest(this, entries[..half]));
            context.Requests.Add(new ClientPermissionRequest(this, entries[half..]));
            return;
        }

        foreach (PermissionEntry entry in entries)
        {
            entry.IsAsked = false;
            if (error.Failure == TurnFailure.Timeout && entry.IsInstalled && entry.ExpiresAt > now)
                entry.DueAt = now;
            else
                End(entry, error.Failure, error.Code);
        }
    }

    private static TransportAddress KeyOf(TransportAddress peer) => peer.WithoutScope().WithPort(0);

    private static void Install(PermissionEntry entry, Instant sentAt)
    {
        entry.IsAsked = false;
        entry.IsInstalled = true;
        entry.ExpiresAt = sentAt + TurnDefaults.PermissionLifetime;
        entry.DueAt = entry.ExpiresAt - TurnDefaults.PermissionRefreshMargin;
    }

    private void ReportReady(PermissionEntry entry)
    {
        if (entry.IsReported || !entry.IsWanted)
            return;
        entry.IsReported = true;
        context.Report(new TurnClientEvent.PermissionReady(entry.Peer));
    }

    private bool HasDue(Instant now)
    {
        foreach (PermissionEntry entry in _entries.Values)
        {
            if (entry.IsDue(now))
                return true;
        }

        return false;
    }

    private void Expire(TransportAddress key, PermissionEntry entry)
    {
        entry.IsInstalled = false;
        entry.ExpiresAt = Instant.Never;
        if (!entry.IsAsked)
            _ = _entries.Remove(key);
        if (entry.IsWanted)
            context.Report(new TurnClientEvent.PermissionFailed(entry.Peer, TurnFailure.Expired, 0));
        entry.IsWanted &= entry.IsAsked;
        entry.IsReported = false;
    }

    private void End(PermissionEntry entry, TurnFailure failure, int code)
    {
        entry.IsInstalled = false;
        _ = _entries.Remove(KeyOf(entry.Peer));
        if (entry.IsWanted)
            context.Report(new TurnClientEvent.PermissionFailed(entry.Peer, failure, code));
    }
}
