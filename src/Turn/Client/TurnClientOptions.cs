using Stun;

namespace Turn;

/// <summary>How a <see cref="TurnClient"/> behaves and what it asks for. Immutable.</summary>
public sealed record TurnClientOptions
{
    /// <summary>The server's address.</summary>
    public required TransportAddress Server { get; init; }

    /// <summary>The username and the password; null where the server asks for none, or for an access token.</summary>
    public LongTermCredential? Credential { get; init; }

    /// <summary>The access token for servers with third-party authorization (RFC 7635); null if there is none yet.</summary>
    public OAuthAccessToken? AccessToken { get; init; }

    /// <summary>Whether the owner can get access tokens when it is told <see cref="TurnClientEvent.AccessTokenNeeded"/>. True with an <see cref="AccessToken"/>.</summary>
    public bool ThirdPartyAuthorization { get; init; }

    /// <summary>
    /// Whether a redirection (300) that answers a request without authentication is followed. RFC 8489 §14.8 forbids that, since anybody on the
    /// way can then send the client to a server of theirs; but common servers redirect so, before they ask for authentication.
    /// </summary>
    public bool FollowUnauthenticatedRedirects { get; init; }

    /// <summary>Whether the server is reached over TCP or TLS: no request is sent twice, and ChannelData is padded.</summary>
    public bool Reliable { get; init; }

    /// <summary>Whether the server is reached over TLS or DTLS.</summary>
    public bool Secured { get; init; }

    /// <summary>Whether IPv4, IPv6 or both are wanted (RFC 8656 §7.1).</summary>
    public TurnRelayFamily RelayFamily { get; init; }

    /// <summary>The protocol between the relay and the peers; TCP (RFC 6062) only where <see cref="Reliable"/>.</summary>
    public TurnTransport Transport { get; init; } = TurnTransport.Udp;

    /// <summary>Whether the relayed port shall be even, and whether the next one shall be reserved.</summary>
    public TurnEvenPort EvenPort { get; init; }

    /// <summary>The port that an earlier allocation reserved; null for any.</summary>
    public ulong? ReservationToken { get; init; }

    /// <summary>Whether Send indications shall be able to ask for unfragmented datagrams.</summary>
    public bool DontFragment { get; init; }

    /// <summary>The lifetime to ask for; null for the server's default of 10 minutes.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>Whether the allocation shall survive a change of the local address (RFC 8016).</summary>
    public bool Mobility { get; init; }

    /// <summary>What SOFTWARE says, fewer than 128 characters; null sends none.</summary>
    public string? Software { get; init; }

    /// <summary>
    /// Whether new transactions wait until the owner calls <see cref="TurnClient.StartNext"/>, as ICE does (RFC 8445 §14).
    /// </summary>
    public bool PacedExternally { get; init; }

    /// <summary>When requests are sent again over unreliable transports, before round-trip times are known.</summary>
    public RetransmissionSchedule Retransmission { get; init; } = RetransmissionSchedule.Default;

    /// <summary>How many IP addresses can have permissions at a time.</summary>
    public int MaxPermissions { get; init; } = 1024;

    /// <summary>How many channels can be bound at a time, at most 4096.</summary>
    public int MaxChannels { get; init; } = 1024;

    /// <summary>The server alone: there are secrets among the rest.</summary>
    public override string ToString() => $"TurnClientOptions({Server})";

    /// <summary>Checks that the options can be together.</summary>
    /// <exception cref="ArgumentException">They cannot; the message says which and why.</exception>
    internal void Validate()
    {
        if (Server.IsNone || Server.Port == 0)
            throw new ArgumentException($"{nameof(Server)} needs an address and a port, such as 192.0.2.1:3478.");
        ArgumentNullException.ThrowIfNull(Retransmission);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPermissions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxChannels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxChannels, TurnDefaults.MaxChannelNumber - TurnDefaults.MinChannelNumber + 1);
        if (Lifetime is { } lifetime && (lifetime < TimeSpan.FromSeconds(1) || lifetime > TimeSpan.FromSeconds(uint.MaxValue)))
            throw new ArgumentException($"{nameof(Lifetime)} is {lifetime}: give a second or more, or null for the default.");
        if (!Enum.IsDefined(Transport) || !Enum.IsDefined(RelayFamily) || !Enum.IsDefined(EvenPort))
            throw new ArgumentException($"{nameof(Transport)}, {nameof(RelayFamily)} or {nameof(EvenPort)} has a value that does not exist.");
        ValidateSoftware();
        ValidateReservation();
        ValidateTcp();
    }

    private void ValidateSoftware()
    {
        if (Software is null)
            return;
        // The writer knows what SOFTWARE may hold.
        Span<byte> buffer = stackalloc byte[StunMessage.MaxTextLength + StunMessage.HeaderLength + 8];
        var writer = new StunWriter(buffer, StunMethod.Allocate, StunClass.Request, default);
        writer.AddText(StunAttributeType.Software, Software);
    }

    private void ValidateReservation()
    {
        // RFC 8656 §7.1: "Clients MUST NOT include a REQUESTED-ADDRESS-FAMILY attribute in an Allocate request that contains a RESERVATION-
        // TOKEN attribute"
        // RFC 8656 §7.1: "If the RESERVATION-TOKEN attribute is included, then the client MUST omit the EVEN-PORT attribute."
        if (ReservationToken is not null && (EvenPort != TurnEvenPort.No || RelayFamily != TurnRelayFamily.Default))
            throw new ArgumentException($"A {nameof(ReservationToken)} stands for one reserved port: leave {nameof(EvenPort)} and {nameof(RelayFamily)} at their defaults.");
        // RFC 8656 §7.1: "Clients MUST NOT include the ADDITIONAL-ADDRESS-FAMILY attribute in an Allocate request that contains an EVEN-PORT
        // attribute with the R (Reserved) bit set to 1."
        if (RelayFamily == TurnRelayFamily.Both && EvenPort == TurnEvenPort.YesAndReserveNext)
            throw new ArgumentException($"Reserving the next port goes with one address family only: {nameof(RelayFamily)} is {RelayFamily}.");
    }

    private void ValidateTcp()
    {
        if (Transport != TurnTransport.Tcp)
            return;
        // RFC 6062 §4.1: "TCP allocations cannot be obtained using a UDP association between client and server."
        if (!Reliable)
            throw new ArgumentException("A TCP allocation needs a TCP or TLS connection to the server: set Reliable.");
        // RFC 6062 §4.1: "The request MUST NOT include a DONT-FRAGMENT, RESERVATION-TOKEN, or EVEN-PORT attribute."
        if (DontFragment || ReservationToken is not null || EvenPort != TurnEvenPort.No)
            throw new ArgumentException($"A TCP allocation has no {nameof(DontFragment)}, {nameof(ReservationToken)} or {nameof(EvenPort)}.");
    }
}
