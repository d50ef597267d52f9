using Stun;

namespace Turn;

/// <summary>What an Allocate request asks for, after the checks of RFC 8656 §7.2 (3 to 9) and RFC 6062 §5.1 that need no table.</summary>
internal readonly record struct AllocateRequest
{
    public TurnTransport Transport { get; private init; }

    public TurnAddressFamily Family { get; private init; }

    public bool IsDual { get; private init; }

    public bool IsEven { get; private init; }

    public bool ReserveNext { get; private init; }

    /// <summary>The reservation to take; 0 for none.</summary>
    public ulong Token { get; private init; }

    public TimeSpan Lifetime { get; private init; }

    public bool WantsTicket { get; private init; }

    /// <summary>Reads a request.</summary>
    /// <returns>0, or the code of the error response.</returns>
    public static int Read(scoped in StunMessage message, in FiveTuple path, RelayPolicy policy, out AllocateRequest request)
    {
        request = default;
        int error = ReadTransport(message, path, policy, out TurnTransport transport);
        if (error == 0)
            error = CheckCombinations(message);
        if (error == 0)
            error = ReadMobility(message, transport, policy, out _);
        if (error != 0)
            return error;
        TurnAddressFamily family = TurnAddressFamily.IPv4;
        if (message.TryGetUInt32(StunAttributeType.RequestedAddressFamily, out uint asked))
            family = (TurnAddressFamily)(asked >> 24);
        // RFC 8656 §7.2: "If yes, and the attribute value is 0x01 (IPv4 address family), then the server rejects the request with a 400 (Bad
        // Request) error."
        bool dual = message.Has(StunAttributeType.AdditionalAddressFamily);
        if (dual && !(message.TryGetAdditionalAddressFamily(out TurnAddressFamily additional) && additional == TurnAddressFamily.IPv6))
            return StunErrorCode.BadRequest;
        bool even = message.TryGetEvenPort(out bool reserveNext);
        _ = message.TryGetReservationToken(out ulong token);
        if (message.Has(StunAttributeType.ReservationToken) && token == 0)
            return StunErrorCode.InsufficientCapacity;
        request = new AllocateRequest
        {
            Transport = transport,
            Family = family,
            IsDual = dual,
            IsEven = even,
            ReserveNext = reserveNext,
            Token = token,
            Lifetime = message.TryGetLifetime(out TimeSpan lifetime) ? lifetime : TimeSpan.Zero,
            WantsTicket = ReadMobility(message, transport, policy, out bool wanted) == 0 && wanted,
        };
        return 0;
    }

    private static int ReadTransport(scoped in StunMessage message, in FiveTuple path, RelayPolicy policy, out TurnTransport transport)
    {
        // RFC 8656 §7.2: "If the REQUESTED-TRANSPORT attribute is not included or is malformed, the server rejects the request with a 400
        // (Bad Request) error."
        if (!message.TryGetRequestedTransport(out transport))
            return StunErrorCode.BadRequest;
        switch (transport)
        {
            // RFC 6062 §5.1: "If the value is UDP, and if UDP transport is forbidden by local policy, the server MUST reject the request
            // with a 403 (Forbidden) error."
            case TurnTransport.Udp:
                return policy.AllowUdp ? 0 : StunErrorCode.Forbidden;
            case TurnTransport.Tcp when policy.AllowTcp:
                // RFC 6062 §5.1: "If the client connection transport is not TCP or TLS, the server MUST reject the request with a 400 (Bad
                // Request) error." and "If the request contains the DONT-FRAGMENT, EVEN-PORT, or RESERVATION-TOKEN attribute, the server
                // MUST reject the request with a 400 (Bad Request) error."
                bool forUdp = message.Has(StunAttributeType.DontFragment) || message.Has(StunAttributeType.EvenPort) || message.Has(StunAttributeType.ReservationToken);
                return path.IsStream && !forUdp ? 0 : StunErrorCode.BadRequest;
            default:
                // RFC 6062 §5.1: "If the REQUESTED-TRANSPORT attribute is included and specifies a protocol other than UDP or TCP, the server
                // MUST reject the request with a 442 (Unsupported Transport Protocol) error."
                return StunErrorCode.UnsupportedTransportProtocol;
        }
    }

    private static int CheckCombinations(scoped in StunMessage message)
    {
        bool reservation = message.Has(StunAttributeType.ReservationToken);
        bool family = message.Has(StunAttributeType.RequestedAddressFamily);
        bool additional = message.Has(StunAttributeType.AdditionalAddressFamily);
        bool even = message.Has(StunAttributeType.EvenPort);
        bool wellFormed = (!reservation || message.TryGetReservationToken(out _)) && (!even || message.TryGetEvenPort(out _))
            && (!family || message.TryGetUInt32(StunAttributeType.RequestedAddressFamily, out _))
            && (!message.Has(StunAttributeType.Lifetime) || message.TryGetLifetime(out _));
        // RFC 8656 §7.2: "If yes, and the request also contains an EVEN-PORT or REQUESTED-ADDRESS-FAMILY or ADDITIONAL-ADDRESS-FAMILY
        // attribute, the server rejects the request with a 400 (Bad Request) error."
        bool contradiction = (reservation && (even || family || additional))
            // RFC 8656 §7.2: "The server checks if the request contains both REQUESTED-ADDRESS-FAMILY and ADDITIONAL-ADDRESS-FAMILY
            // attributes. If yes, then the server rejects the request with a 400 (Bad Request) error."
            || (family && additional)
            // RFC 8656 §7.2: "The server checks if the request contains an EVEN-PORT attribute with the R bit set to 1. If yes, and the
            // request also contains an ADDITIONAL-ADDRESS-FAMILY attribute, the server rejects the request with a 400 (Bad Request) error."
            || (additional && message.TryGetEvenPort(out bool reserve) && reserve);
        return wellFormed && !contradiction ? 0 : StunErrorCode.BadRequest;
    }

    private static int ReadMobility(scoped in StunMessage message, TurnTransport transport, RelayPolicy policy, out bool wanted)
    {
        wanted = message.TryGetMobilityTicket(out ReadOnlySpan<byte> ticket);
        if (!wanted)
            return 0;
        // RFC 8016 §3.1.2: "If the MOBILITY-TICKET attribute is included and has a non-zero length, then the server will generate an error
        // response with an error code of 400 (Bad Request)."
        if (!ticket.IsEmpty)
            return StunErrorCode.BadRequest;
        // RFC 8016 §3.1.2: "If the MOBILITY-TICKET attribute is included, and has a length of zero, but TURN session mobility is forbidden by
        // local policy, the server will reject the request with the new error code 405 (Mobility Forbidden)." A TCP allocation stays with its
        // control connection.
        return policy.AllowMobility && transport == TurnTransport.Udp ? 0 : StunErrorCode.MobilityForbidden;
    }
}
