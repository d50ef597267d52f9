using Stun;

namespace Turn;

/// <summary>A Refresh request (RFC 8656 §8.1, RFC 8016 §3.2.1).</summary>
internal sealed class ClientRefreshRequest(AllocationKeeper keeper, RefreshKind kind, TimeSpan? lifetime, byte[]? ticket) : ClientRequest(StunMethod.Refresh)
{
    public override bool IsUrgent => kind == RefreshKind.Move;

    public override bool DeletesAllocation => kind is RefreshKind.Delete or RefreshKind.Reclaim or RefreshKind.Discard;

    public override bool MayStart(TurnClientState state) => kind switch
    {
        RefreshKind.Keep => state == TurnClientState.Allocated,
        RefreshKind.Move => state == TurnClientState.Moving,
        RefreshKind.Reclaim => state == TurnClientState.Allocating,
        RefreshKind.Discard => state is TurnClientState.Failed or TurnClientState.Allocating,
        _ => state == TurnClientState.Closing,
    };

    public override void Write(ref StunWriter writer)
    {
        // RFC 8656 §8.1: "If the client wishes to immediately delete an existing allocation, it includes a LIFETIME attribute with a value of
        // zero."
        if (DeletesAllocation)
            writer.AddLifetime(TimeSpan.Zero);
        else if (lifetime is { } value)
            writer.AddLifetime(value);
        // RFC 8016 §3.2.1: "If there has been no IP address or source port number change, the client MUST NOT include a MOBILITY-TICKET
        // attribute"
        if (ticket is not null)
            writer.AddMobilityTicket(ticket);
    }

    public override void Succeed(scoped in StunMessage response, Instant sentAt, Instant now) => keeper.TakeRefreshed(kind, response, sentAt, now);

    public override void Fail(RequestError error, Instant now) => keeper.TakeRefreshError(kind, error, now);
}
