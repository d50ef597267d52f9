using Stun;

namespace Turn;

/// <summary>The channels of the allocation (RFC 8656 §12): binds them, refreshes them, and never binds a number or a peer otherwise too early. Bounded.</summary>
internal sealed class ChannelTable(ClientContext context, AllocationKeeper allocation, PermissionTable permissions)
{
    private const int MaxUnanswered = 3;

    private readonly Dictionary<TransportAddress, ChannelEntry> _byPeer = [];

    // By number, from the least one on.
    private readonly List<ChannelEntry?> _byNumber = [];

    public Instant NextTimeout
    {
        get
        {
            Instant next = Instant.Never;
            foreach (ChannelEntry entry in _byPeer.Values)
            {
                next = Instant.Min(next, entry.ExpiresAt);
                if (entry.IsAsked)
                    continue;
                if (!entry.IsWanted)
                    next = Instant.Min(next, entry.RestsUntil);
                else if (context.State == TurnClientState.Allocated)
                    next = Instant.Min(next, entry.DueAt);
            }

            return next;
        }
    }

    /// <summary>The channel over which data goes to a peer.</summary>
    public bool TryGetBound(TransportAddress peer, out ushort number)
    {
        number = 0;
        if (!_byPeer.TryGetValue(peer.WithoutScope(), out ChannelEntry? entry) || !entry.IsBound || entry.Permission is not { IsInstalled: true })
            return false;
        number = entry.Number;
        return true;
    }

    /// <summary>The channel on which data came.</summary>
    public ChannelEntry? Find(ushort number)
    {
        int index = number - TurnDefaults.MinChannelNumber;
        // RFC 8656 §12: "When binding a channel to a peer, the client SHOULD be prepared to receive ChannelData messages on the channel from
        // the server as soon as it has sent the ChannelBind request."
        return index < _byNumber.Count && _byNumber[index] is { MayBeBound: true } entry ? entry : null;
    }

    public void Bind(TransportAddress peer, Instant now)
    {
        if (context.State == TurnClientState.Allocated && !allocation.HasFamilyOf(peer))
        {
            // RFC 8656 §12.1: "The client MUST only include an XOR-PEER-ADDRESS attribute with an address of the same address family as that
            // of a relayed transport address for the allocation."
            context.Report(new TurnClientEvent.ChannelFailed(peer, TurnFailure.AddressFamilyMismatch, StunErrorCode.PeerAddressFamilyMismatch));
            return;
        }

        peer = peer.WithoutScope();
        // RFC 8656 §12: "the same channel cannot be bound to two different transport addresses, nor can the same transport address be bound
        // to two different channels." A peer that had a channel lately gets the same one again.
        if (!_byPeer.TryGetValue(peer, out ChannelEntry? entry))
        {
            if (TakeNumber() is not { } number)
            {
                context.Report(new TurnClientEvent.ChannelFailed(peer, TurnFailure.LimitReached, 0));
                return;
            }

            entry = new ChannelEntry(number, peer);
            _byPeer.Add(peer, entry);
            _byNumber[number - TurnDefaults.MinChannelNumber] = entry;
        }

        entry.IsWanted = true;
        entry.Unanswered = 0;
        if (entry.IsBound)
            context.Report(new TurnClientEvent.ChannelBound(peer, entry.Number));
        else if (!entry.IsAsked)
            entry.DueAt = now;
    }

    /// <summary>Lets a channel end: it is not refreshed any more.</summary>
    public void Release(TransportAddress peer)
    {
        if (_byPeer.TryGetValue(peer.WithoutScope(), out ChannelEntry? entry))
            Abandon(entry);
    }

    /// <summary>Whether a channel to any port of a peer's IP address is wanted.</summary>
    public bool Wants(TransportAddress peer)
    {
        peer = peer.WithoutScope();
        return _byPeer.Values.Any(entry => entry.IsWanted && entry.Peer.SameAddress(peer));
    }

    public void TakeAllocated()
    {
        foreach (ChannelEntry entry in _byPeer.Values)
        {
            if (allocation.HasFamilyOf(entry.Peer))
                continue;
            Remove(entry);
            context.Report(new TurnClientEvent.ChannelFailed(entry.Peer, TurnFailure.AddressFamilyMismatch, StunErrorCode.PeerAddressFamilyMismatch));
        }
    }

    public void Clear()
    {
        // RFC 8656 §12: "If an allocation expires, all its channel bindings expire with it." In the next one every number is free.
        _byPeer.Clear();
        _byNumber.Clear();
    }

    public void Tick(Instant now)
    {
        foreach (ChannelEntry entry in _byPeer.Values)
        {
            if (entry.IsBound && entry.ExpiresAt <= now)
                Expire(entry);
            // RFC 8656 §12: "To prevent race conditions, the client MUST wait 5 minutes after the channel binding expires before attempting to
            // bind the channel number to a different transport address or the transport address to a different channel number."
            if (!entry.IsWanted && !entry.IsAsked && (!entry.MayBeBound || entry.RestsUntil <= now))
                Remove(entry);
            else if (entry.IsWanted && !entry.IsAsked && entry.DueAt <= now && context.State == TurnClientState.Allocated)
                Ask(entry);
        }
    }

    /// <summary>Whether the request is still wanted, just before it is sent.</summary>
    public bool Prepare(ChannelEntry entry, Instant now)
    {
        entry.IsAsked = entry.IsWanted;
        entry.MayBeBound |= entry.IsWanted;
        // Nothing of what may become bound is given up before the outcome is known, or can be told from the time.
        if (entry.IsWanted)
            entry.RestsUntil = Instant.Never;
        else if (entry.RestsUntil.IsNever)
            entry.RestsUntil = now + TurnDefaults.ChannelLifetime + TurnDefaults.ChannelRest;
        return entry.IsWanted;
    }

    public void TakeBound(ChannelEntry entry, Instant sentAt, Instant now)
    {
        bool isNew = !entry.IsBound;
        entry.IsAsked = false;
        entry.Unanswered = 0;
        entry.IsBound = true;
        entry.ExpiresAt = sentAt + TurnDefaults.ChannelLifetime;
        entry.DueAt = entry.ExpiresAt - TurnDefaults.ChannelRefreshMargin;
        entry.RestsUntil = now + TurnDefaults.ChannelLifetime + TurnDefaults.ChannelRest;
        // RFC 8656 §12.3: "It also updates its data structures to record that the corresponding permission has been installed or refreshed."
        entry.Permission = permissions.TakeChannelBound(entry.Peer, entry.IsWanted, sentAt);
        if (isNew && entry.IsWanted)
            context.Report(new TurnClientEvent.ChannelBound(entry.Peer, entry.Number));
    }

    public void TakeError(ChannelEntry entry, RequestError error, Instant now)
    {
        bool mayBeOutOfSync = entry.IsBound || entry.Unanswered > 0;
        entry.IsAsked = false;
        // The request that got no answer, or another answer than the one that was lost, may have bound the channel.
        entry.RestsUntil = now + TurnDefaults.ChannelLifetime + TurnDefaults.ChannelRest;
        if (error.Failure == TurnFailure.Timeout && (entry.IsBound || ++entry.Unanswered < MaxUnanswered))
        {
            entry.DueAt = now;
            return;
        }

        // RFC 8656 §12.3: "If the client receives a ChannelBind failure response that indicates that the channel information is out of sync
        // between the client and the server (e.g., an unexpected 400 "Bad Request" response), then it is RECOMMENDED that the client
        // immediately delete the allocation and start afresh with a new allocation."
        if (error.Code == StunErrorCode.BadRequest && mayBeOutOfSync)
        {
            allocation.LoseOutOfSync(error, now);
            return;
        }

        bool wanted = entry.IsWanted;
        Abandon(entry);
        if (wanted)
            context.Report(new TurnClientEvent.ChannelFailed(entry.Peer, error.Failure, error.Code));
    }

    private void Ask(ChannelEntry entry)
    {
        entry.IsAsked = true;
        entry.DueAt = Instant.Never;
        context.Requests.Add(new ClientChannelRequest(this, entry));
    }

    private void Expire(ChannelEntry entry)
    {
        entry.IsBound = false;
        entry.ExpiresAt = Instant.Never;
        if (!entry.IsWanted)
            return;
        if (!entry.IsAsked)
            Abandon(entry);
        context.Report(new TurnClientEvent.ChannelFailed(entry.Peer, TurnFailure.Expired, 0));
    }

    // A channel that the server still has may still carry what the peer sends; what we send goes by indications.
    private static void Abandon(ChannelEntry entry)
    {
        entry.IsWanted = false;
        entry.DueAt = Instant.Never;
    }

    private void Remove(ChannelEntry entry)
    {
        _ = _byPeer.Remove(entry.Peer);
        _byNumber[entry.Number - TurnDefaults.MinChannelNumber] = null;
    }

    private ushort? TakeNumber()
    {
        if (_byPeer.Count >= context.Options.MaxChannels)
            return null;
        int index = _byNumber.IndexOf(null);
        if (index < 0)
        {
            index = _byNumber.Count;
            _byNumber.Add(null);
        }

        return (ushort)(TurnDefaults.MinChannelNumber + index);
    }
}
