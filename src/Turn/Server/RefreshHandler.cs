using Stun;

namespace Turn;

/// <summary>Refresh requests (RFC 8656 §8.2), and the moves of clients to another address (RFC 8016 §3.2.2).</summary>
internal sealed class RefreshHandler(ServerContext context, MobilityTickets tickets)
{
    public void Handle(scoped in StunMessage message, in RequestContext request, Instant now)
    {
        if (message.TryGetMobilityTicket(out ReadOnlySpan<byte> ticket))
        {
            HandleMove(message, ticket, request, now);
            return;
        }

        // RFC 8656 §5: "if the 5-tuple does not identify an existing allocation, then the message MUST either be rejected with a 437
        // Allocation Mismatch error (if it is a request)"
        if (context.Table.Find(request.Path) is not { IsComplete: true } allocation)
            context.Refuse(request, StunErrorCode.AllocationMismatch);
        else
            Refresh(message, allocation, request, withTicket: false, now);
    }

    private void Refresh(scoped in StunMessage message, Allocation allocation, in RequestContext request, bool withTicket, Instant now)
    {
        int error = ReadTargets(message, allocation, out Relay? first, out Relay? second);
        if (error != 0 || (message.Has(StunAttributeType.Lifetime) && !message.TryGetLifetime(out _)))
        {
            context.Refuse(request, error == 0 ? StunErrorCode.BadRequest : error);
            return;
        }

        // RFC 8656 §8.2: "if the request contains a LIFETIME attribute and the attribute value is zero, then the "desired lifetime" is zero."
        bool hasLifetime = message.TryGetLifetime(out TimeSpan asked);
        if (hasLifetime && asked == TimeSpan.Zero)
        {
            Succeed(request, TimeSpan.Zero, null);
            EndOne(first);
            EndOne(second);
            return;
        }

        TimeSpan lifetime = context.LifetimeFor(hasLifetime ? asked : TimeSpan.Zero, request);
        if (request.Auth.KeyId is not null)
            allocation.Credentials = request.Auth;
        if (first is not null)
            context.SetExpiry(first, now + lifetime);
        if (second is not null)
            context.SetExpiry(second, now + lifetime);
        Succeed(request, lifetime, withTicket ? allocation.Ticket : null);
        context.Emit(new TurnServerEvent.AllocationRefreshed(request.Path, allocation.User, lifetime));
    }

    private void EndOne(Relay? relay)
    {
        if (relay is not null)
            context.End(relay, AllocationEnd.Deleted);
    }

    // RFC 8656 §8.1: "If no REQUESTED-ADDRESS-FAMILY attribute is included, then the request should be treated as applying to all current
    // allocations."
    private static int ReadTargets(scoped in StunMessage message, Allocation allocation, out Relay? first, out Relay? second)
    {
        first = allocation.IPv4;
        second = allocation.IPv6;
        if (!message.Has(StunAttributeType.RequestedAddressFamily))
            return 0;
        if (!message.TryGetUInt32(StunAttributeType.RequestedAddressFamily, out _))
            return StunErrorCode.BadRequest;
        _ = message.TryGetRequestedAddressFamily(out TurnAddressFamily family);
        if (family != TurnAddressFamily.IPv4)
            first = null;
        if (family != TurnAddressFamily.IPv6)
            second = null;
        // RFC 8656 §8.2: "If the server receives a Refresh Request with a REQUESTED-ADDRESS-FAMILY attribute and the attribute value does not
        // match the address family of the allocation, the server MUST reply with a 443 (Peer Address Family Mismatch) Refresh error response."
        return first is null && second is null ? StunErrorCode.PeerAddressFamilyMismatch : 0;
    }

    private void HandleMove(scoped in StunMessage message, ReadOnlySpan<byte> ticket, in RequestContext request, Instant now)
    {
        int error = CheckTicket(ticket, request, now, out Allocation? allocation, out bool again);
        if (error == 0 && allocation!.User != request.User)
        {
            // RFC 8016 §3.2.2: "If the above check is not successful, then the server MUST reject the request with a 441 (Wrong Credentials)
            // error."
            error = StunErrorCode.WrongCredentials;
        }

        if (error != 0)
        {
            context.Refuse(request, error);
            return;
        }

        if (!again)
            Move(allocation!, request, now);
        Refresh(message, allocation!, request, withTicket: true, now);
    }

    private int CheckTicket(ReadOnlySpan<byte> ticket, in RequestContext request, Instant now, out Allocation? allocation, out bool again)
    {
        again = false;
        allocation = null;
        // RFC 8016 §3.2.2: "then the server rejects the Refresh request with a 405 (Mobility Forbidden) error"
        if (!context.Policy.AllowMobility)
            return StunErrorCode.MobilityForbidden;
        // RFC 8016 §3.2.2: "If the ticket is invalid, then the server MUST reject the request with a 400 (Bad Request) error."
        if (!tickets.TryOpen(ticket, out long id, out uint generation))
            return StunErrorCode.BadRequest;
        // RFC 8016 §3.2.2: "If this 5-tuple obtained does not identify an existing allocation, then the server MUST reject the request with a
        // 437 (Allocation Mismatch) error."
        if (context.Table.Find(id) is not { IsComplete: true } found)
            return StunErrorCode.AllocationMismatch;
        allocation = found;
        Allocation? there = context.Table.Find(request.Path);
        // RFC 8016 §3.2.2: "The old ticket can only be used for the purposes of retransmission."
        again = generation + 1 == found.TicketGeneration && found.MovedBy == request.Id && now - found.MovedAt <= TurnDefaults.TicketHold && there == found;
        if (again)
            return 0;
        // RFC 8016 §3.2.2: "If the source IP address and port of the Refresh request with the STUN MOBILITY-TICKET attribute is the same as
        // the stored 5-tuple allocation, then the TURN server rejects the request with a 400 (Bad Request) error."
        if (generation != found.TicketGeneration || there == found)
            return StunErrorCode.BadRequest;
        return there is null ? 0 : StunErrorCode.AllocationMismatch;
    }

    private void Move(Allocation allocation, in RequestContext request, Instant now)
    {
        // RFC 8016 §3.2.2: "The server then updates its state data with the new client IP address and port but does not discard the old
        // 5-tuple from its state data."
        context.Table.BeginMove(allocation, request.Path);
        allocation.TicketGeneration++;
        allocation.MovedAt = now;
        allocation.MovedBy = request.Id;
        // RFC 8016 §3.2.2: "The new ticket sent in the refresh response MUST be different from the old ticket."
        allocation.Ticket = tickets.Seal(allocation.Id, allocation.TicketGeneration);
        if (allocation.IsOrphaned)
            context.CompleteMove(allocation);
    }

    private void Succeed(in RequestContext request, TimeSpan lifetime, byte[]? ticket)
    {
        byte[] buffer = context.Replies.Rent();
        var writer = new StunWriter(buffer, request.Method, StunClass.SuccessResponse, request.Id);
        // RFC 8656 §8.2: "A LIFETIME attribute containing the current value of the time-to-expiry timer."
        writer.AddLifetime(lifetime);
        if (ticket is not null)
            writer.AddMobilityTicket(ticket);
        context.Counters.Success();
        context.Replies.Finish(ref writer, buffer, request);
    }
}
