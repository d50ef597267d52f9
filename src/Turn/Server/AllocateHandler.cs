using Stun;

namespace Turn;

/// <summary>Allocate requests (RFC 8656 §7.2, RFC 6062 §5.1, RFC 8016 §3.1.2).</summary>
internal sealed class AllocateHandler(ServerContext context, RelayOpener opener, MobilityTickets tickets)
{
    private long _lastId;

    /// <summary>Whether new allocations are refused.</summary>
    public bool IsStopped { get; set; }

    public void Handle(scoped in StunMessage message, in RequestContext request, Instant now)
    {
        if (context.Table.Find(request.Path) is { } existing)
        {
            // RFC 8656 §7.2: "the server can store the transaction id that created the request with the allocation data and compare it with
            // incoming Allocate requests on the same 5-tuple. Once such a request is detected, the server can stop parsing the request and
            // immediately generate a success response."
            if (existing.Request.Id != request.Id || existing.User != request.User)
                context.Refuse(request, StunErrorCode.AllocationMismatch);
            else if (existing.IsComplete)
                Succeed(existing, request, now);
            return;
        }

        int error = AllocateRequest.Read(message, request.Path, context.Policy, out AllocateRequest wanted);
        if (error == 0)
            error = CheckLimits(request);
        if (error == StunErrorCode.TryAlternate)
            Redirect(request);
        else if (error != 0)
            context.Refuse(request, error);
        else
            Begin(wanted, request, now);
    }

    /// <summary>A relay of an allocation is open: the allocation may be complete now.</summary>
    public void HandleOpened(Relay relay, Instant now)
    {
        relay.State = RelayState.Open;
        Settle(relay.Owner!, now);
    }

    /// <summary>The system refused a port.</summary>
    public void HandleFailed(Relay relay, Instant now)
    {
        Allocation allocation = relay.Owner!;
        bool isIPv4 = relay.Relayed.IsIPv4;
        if (opener.TryAgain(relay))
            return;
        if (isIPv4)
            allocation.IPv4 = null;
        else
            allocation.IPv6 = null;
        if (allocation.IsEmpty)
        {
            context.Table.Remove(allocation);
            context.Refuse(allocation.Request, StunErrorCode.InsufficientCapacity);
            return;
        }

        NotePartial(allocation, isIPv6: !isIPv4, StunErrorCode.InsufficientCapacity);
        Settle(allocation, now);
    }

    private static void NotePartial(Allocation allocation, bool isIPv6, int code)
    {
        allocation.PartialError = code;
        allocation.PartialErrorIsIPv6 = isIPv6;
    }

    private int CheckLimits(in RequestContext request)
    {
        // RFC 8656 §21.4: "In particular, a TURN server MUST NOT accept Teredo or 6to4 addresses in these requests."
        if (RelayPolicy.IsTunneled(request.Path.Client))
            return StunErrorCode.Forbidden;
        // The client can only reach an alternate server of its own address family (RFC 8489 §14.15).
        if (context.Options.AlternateServer.SameFamily(request.Path.Client) && !context.Options.AlternateServer.IsNone)
            return StunErrorCode.TryAlternate;
        // RFC 8656 §7.2: "the server MAY choose to reject the request with a 486 (Allocation Quota Reached) error if it feels the client is
        // trying to exceed some locally defined allocation quota."
        if (context.Table.CountOf(request.User) >= context.Policy.MaxAllocationsPerUser)
            return StunErrorCode.AllocationQuotaReached;
        return IsStopped || context.Table.Count >= context.Policy.MaxAllocations ? StunErrorCode.InsufficientCapacity : 0;
    }

    private void Redirect(in RequestContext request)
    {
        byte[] buffer = context.Replies.Rent();
        var writer = new StunWriter(buffer, request.Method, StunClass.ErrorResponse, request.Id);
        writer.AddErrorCode(StunErrorCode.TryAlternate);
        writer.AddAddress(StunAttributeType.AlternateServer, context.Options.AlternateServer);
        context.Counters.Error(StunErrorCode.TryAlternate);
        context.Replies.Finish(ref writer, buffer, request);
    }

    private void Begin(in AllocateRequest wanted, in RequestContext request, Instant now)
    {
        int error = 0;
        var allocation = new Allocation(++_lastId, request, wanted.Transport, now) { Lifetime = context.LifetimeFor(wanted.Lifetime, request) };
        if (wanted.Token != 0)
            error = TakeReservation(allocation, wanted.Token);
        else if (wanted.IsDual)
            error = OpenBoth(allocation, wanted.IsEven);
        else if (!opener.Supports(wanted.Family))
            error = StunErrorCode.AddressFamilyNotSupported;
        else if (wanted.ReserveNext)
            error = OpenPair(allocation, wanted.Family);
        else if (opener.Open(allocation, wanted.Family, wanted.IsEven) is { } relay)
            RelayOpener.Place(allocation, relay);
        else
            error = StunErrorCode.InsufficientCapacity;
        if (error != 0)
        {
            context.Refuse(request, error);
            return;
        }

        if (wanted.WantsTicket)
            allocation.Ticket = tickets.Seal(allocation.Id, allocation.TicketGeneration);
        context.Table.Add(allocation);
        Settle(allocation, now);
    }

    private int TakeReservation(Allocation allocation, ulong token)
    {
        // RFC 8656 §7.2: "If the token is not valid for some reason, the server rejects the request with a 508 (Insufficient Capacity)
        // error."
        if (context.Table.FindReservation(token) is not { } relay)
            return StunErrorCode.InsufficientCapacity;
        context.Table.Unreserve(relay);
        RelayOpener.Place(allocation, relay);
        return 0;
    }

    private int OpenPair(Allocation allocation, TurnAddressFamily family) =>
        context.Table.ReservationCount < context.Policy.MaxReservations && opener.TryOpenPair(allocation, family, attempts: 0) ? 0 : StunErrorCode.InsufficientCapacity;

    private int OpenBoth(Allocation allocation, bool even)
    {
        foreach (TurnAddressFamily family in (ReadOnlySpan<TurnAddressFamily>)[TurnAddressFamily.IPv4, TurnAddressFamily.IPv6])
        {
            bool isIPv6 = family == TurnAddressFamily.IPv6;
            // RFC 8656 §7.2: "The error code value signaled in the ADDRESS-ERROR-CODE attribute could be 440 (Address Family not Supported)
            // or 508 (Insufficient Capacity)."
            if (!opener.Supports(family))
                NotePartial(allocation, isIPv6, StunErrorCode.AddressFamilyNotSupported);
            else if (opener.Open(allocation, family, even) is { } relay)
                RelayOpener.Place(allocation, relay);
            else
                NotePartial(allocation, isIPv6, StunErrorCode.InsufficientCapacity);
        }

        return allocation.IsEmpty ? StunErrorCode.InsufficientCapacity : 0;
    }

    private void Settle(Allocation allocation, Instant now)
    {
        if (allocation.IPv4 is { State: RelayState.Opening } || allocation.IPv6 is { State: RelayState.Opening } || allocation.Next is { State: RelayState.Opening })
            return;
        allocation.IsComplete = true;
        // RFC 8656 §6: "Each Allocate or Refresh transaction sets this timer, which then ticks down towards zero."
        if (allocation.IPv4 is { } first)
            context.SetExpiry(first, now + allocation.Lifetime);
        if (allocation.IPv6 is { } second)
            context.SetExpiry(second, now + allocation.Lifetime);
        Reserve(allocation, now);
        context.Counters.Allocations++;
        Relay relay = (allocation.IPv4 ?? allocation.IPv6)!;
        TransportAddress other = allocation.IPv4 is null ? default : allocation.IPv6?.Relayed ?? default;
        context.Emit(new TurnServerEvent.AllocationCreated(allocation.Path, allocation.User, relay.Relayed, other, allocation.Transport, allocation.Lifetime));
        Succeed(allocation, allocation.Request, now);
    }

    private void Reserve(Allocation allocation, Instant now)
    {
        if (allocation.Next is not { } next)
            return;
        allocation.Next = null;
        next.Partner!.Partner = null;
        next.Partner = null;
        next.Owner = null;
        ulong token;
        do
        {
            token = context.Entropy.NextUInt64();
        }
        while (token == 0 || context.Table.FindReservation(token) is not null);
        allocation.ReservationToken = token;
        context.Table.Reserve(next, token);
        // RFC 8656 §7.2: "The server MUST hold this reservation for at least 30 seconds and MAY choose to hold longer (e.g., until the
        // allocation with port N expires)."
        context.SetExpiry(next, now + TurnDefaults.ReservationHold);
    }

    private void Succeed(Allocation allocation, in RequestContext request, Instant now)
    {
        byte[] buffer = context.Replies.Rent();
        var writer = new StunWriter(buffer, request.Method, StunClass.SuccessResponse, request.Id);
        Instant expiry = (allocation.IPv4 ?? allocation.IPv6)!.Expiry;
        if (allocation.IPv4 is { } first)
            writer.AddRelayed(first.Relayed);
        if (allocation.IPv6 is { } second)
            writer.AddRelayed(second.Relayed);
        writer.AddLifetime(expiry - now);
        if (allocation.ReservationToken != 0)
            writer.AddReservationToken(allocation.ReservationToken);
        // RFC 8656 §7.2: "An XOR-MAPPED-ADDRESS attribute containing the client's IP address and port (from the 5-tuple)."
        writer.AddXorAddress(StunAttributeType.XorMappedAddress, request.Path.Client.WithoutScope());
        if (allocation.PartialError != 0)
            writer.AddAddressErrorCode(allocation.PartialErrorIsIPv6 ? TurnAddressFamily.IPv6 : TurnAddressFamily.IPv4, allocation.PartialError);
        if (allocation.Ticket is { } ticket)
            writer.AddMobilityTicket(ticket);
        context.Counters.Success();
        context.Replies.Finish(ref writer, buffer, request);
    }
}
