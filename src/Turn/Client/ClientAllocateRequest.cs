using Stun;

namespace Turn;

/// <summary>An Allocate request (RFC 8656 §7.1).</summary>
internal sealed class ClientAllocateRequest(AllocationKeeper keeper, TurnClientOptions options) : ClientRequest(StunMethod.Allocate)
{
    public override bool MayStart(TurnClientState state) => state is TurnClientState.Allocating or TurnClientState.Closing;

    public override bool Prepare(Instant now) => keeper.MayAllocate();

    public override void Write(ref StunWriter writer)
    {
        // RFC 8656 §7.1: "The client MUST include a REQUESTED-TRANSPORT attribute in the request."
        writer.AddRequestedTransport(options.Transport);
        if (options.Lifetime is { } lifetime)
            writer.AddLifetime(lifetime);
        switch (options.RelayFamily)
        {
            case TurnRelayFamily.IPv4:
                writer.AddRequestedAddressFamily(TurnAddressFamily.IPv4);
                break;
            case TurnRelayFamily.IPv6:
                writer.AddRequestedAddressFamily(TurnAddressFamily.IPv6);
                break;
            case TurnRelayFamily.Both:
                // RFC 8656 §7.1: "The attribute value in the ADDITIONAL-ADDRESS-FAMILY MUST be set to 0x02 (IPv6 address family)."
                writer.AddAdditionalAddressFamily(TurnAddressFamily.IPv6);
                break;
        }

        // RFC 8656 §7.1: "If the client wishes to later use the DONT-FRAGMENT attribute in one or more Send indications on this allocation,
        // then the client SHOULD include the DONT-FRAGMENT attribute in the Allocate request."
        if (keeper.AsksDontFragment)
            writer.AddEmpty(StunAttributeType.DontFragment);
        if (options.EvenPort != TurnEvenPort.No)
            writer.AddEvenPort(options.EvenPort == TurnEvenPort.YesAndReserveNext);
        if (options.ReservationToken is { } token)
            writer.AddReservationToken(token);
        // RFC 8016 §3.1.1: "the client includes the MOBILITY-TICKET attribute with a length of zero."
        if (keeper.AsksTicket)
            writer.AddMobilityTicket([]);
    }

    public override void Succeed(scoped in StunMessage response, Instant sentAt, Instant now) => keeper.TakeAllocated(response, sentAt, now);

    public override void Fail(RequestError error, Instant now) => keeper.TakeAllocateError(error, now);
}
