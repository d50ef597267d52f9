using Stun;

namespace Turn;

/// <summary>What the parts of a server share: its options, its tables, its outputs; and the ends of allocations, which concern all of them.</summary>
internal sealed class ServerContext
{
    private readonly HashSet<TransportAddress> _own = [];
    private readonly Queue<TurnServerEvent> _events = new();

    public ServerContext(TurnServerCoreOptions options, EntropySource entropy)
    {
        Options = options;
        Entropy = entropy;
        Replies = new ReplyQueue(options.Software, Counters);
        foreach (TransportAddress address in (IEnumerable<TransportAddress>)[.. options.OwnAddresses, options.RelayIPv4, options.RelayIPv6, options.ExternalIPv4, options.ExternalIPv6])
        {
            if (!address.IsNone && !address.IsAny)
                _ = _own.Add(address.WithPort(0));
        }
    }

    public TurnServerCoreOptions Options { get; }

    public RelayPolicy Policy => Options.Policy;

    public EntropySource Entropy { get; }

    public AllocationTable Table { get; } = new();

    public RelayDeadlines Deadlines { get; } = new();

    public TurnServerCounters Counters { get; } = new();

    public ReplyQueue Replies { get; }

    public void Emit(TurnServerEvent value) => _events.Enqueue(value);

    public bool TryGetEvent(out TurnServerEvent? value) => _events.TryDequeue(out value);

    /// <summary>Answers an authenticated request with an error, and tells the log.</summary>
    public void Refuse(in RequestContext request, int code)
    {
        Replies.Refuse(request, code);
        Emit(new TurnServerEvent.RequestRefused(request.Path, request.User, request.Method, code));
    }

    /// <summary>Whether the policy lets anything be relayed to a peer.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="transport">The transport.</param>
    /// <param name="anyPort">Whether only the address is asked for, as permissions do.</param>
    public bool IsPeerAllowed(TransportAddress peer, TurnTransport transport, bool anyPort)
    {
        if ((!anyPort && peer.Port == 0) || !Policy.IsPeerAllowed(peer))
            return false;
        if (Policy.AllowOwnAddresses || peer.IsLoopback || !_own.Contains(peer.WithPort(0)))
            return true;
        // Two clients of one server reach each other through two relayed addresses. Nothing else of the server is a peer.
        return anyPort ? IsRelayAddress(peer) : Table.IsRelayed(transport, peer);
    }

    /// <summary>Whether an address is one of the server's own, of which only the relayed ones are peers.</summary>
    public bool IsOwn(TransportAddress peer) => _own.Contains(peer.WithPort(0));

    /// <summary>The lifetime that a request gets (RFC 8656 §7.2, §8.2).</summary>
    public TimeSpan LifetimeFor(TimeSpan requested, in RequestContext request)
    {
        // RFC 8656 §7.2: "If this computed value is greater than the default lifetime, then the server uses the computed lifetime as the
        // initial value of the time-to-expiry field. Otherwise, the server uses the default lifetime."
        TimeSpan computed = requested < Options.MaxLifetime ? requested : Options.MaxLifetime;
        TimeSpan lifetime = computed > TurnDefaults.Lifetime ? computed : TurnDefaults.Lifetime;
        // RFC 7635 §9: "The lifetime provided by the TURN server in the Allocate and Refresh responses MUST be less than or equal to the
        // lifetime of the token."
        return lifetime < request.Auth.MaxLifetime ? lifetime : request.Auth.MaxLifetime;
    }

    public void SetExpiry(Relay relay, Instant expiry)
    {
        relay.Expiry = expiry;
        Deadlines.Add(relay);
    }

    /// <summary>Closes a relay that no allocation has.</summary>
    public void Close(Relay relay)
    {
        Table.Remove(relay);
        Emit(new TurnServerEvent.CloseRelay(relay.Id));
    }

    /// <summary>Ends one relayed address of an allocation, and the allocation when it was the last.</summary>
    public void End(Relay relay, AllocationEnd reason)
    {
        Allocation allocation = relay.Owner!;
        allocation.Remove(relay);
        Close(relay);
        if (allocation.IsComplete)
            Emit(new TurnServerEvent.AllocationEnded(allocation.Path, allocation.User, relay.Relayed, reason));
        if (!allocation.IsEmpty)
            return;
        if (allocation.Next is { } next)
            Close(next);
        while (allocation.Connections.Count > 0)
            Close(allocation.Connections[^1]);
        Table.Remove(allocation);
        // A client that let its allocation expire does not need its stream either; one that deleted it may make another.
        if (allocation.Path.IsStream && reason is not (AllocationEnd.Deleted or AllocationEnd.StreamClosed))
            Emit(new TurnServerEvent.CloseClient(allocation.Path));
    }

    public void End(Allocation allocation, AllocationEnd reason)
    {
        if (allocation.IPv4 is { } first)
            End(first, reason);
        if (allocation.IPv6 is { } second)
            End(second, reason);
    }

    /// <summary>Closes both sides of a connection with a peer.</summary>
    public void Close(PeerConnection connection)
    {
        bool joined = connection.State == PeerConnectionState.Joined;
        Table.Remove(connection);
        Emit(new TurnServerEvent.ClosePeer(connection.Id));
        // RFC 6062 §5.5: "If the allocation associated with a data connection expires, the data connection MUST be closed."
        if (joined)
            Emit(new TurnServerEvent.CloseClient(connection.Client));
    }

    /// <summary>Makes the path that the client has moved to the path of the allocation.</summary>
    public void CompleteMove(Allocation allocation)
    {
        FiveTuple left = allocation.Path;
        Table.CompleteMove(allocation);
        allocation.IsOrphaned = false;
        Emit(new TurnServerEvent.AllocationMoved(left, allocation.Path, allocation.User));
        if (left.IsStream)
            Emit(new TurnServerEvent.CloseClient(left));
    }

    private bool IsRelayAddress(TransportAddress peer) =>
        peer.SameAddress(Options.RelayIPv4) || peer.SameAddress(Options.RelayIPv6) || peer.SameAddress(Options.ExternalIPv4) || peer.SameAddress(Options.ExternalIPv6);
}
