using Stun;

namespace Turn;

/// <summary>One relayed transport address: that of an allocation, or one that is reserved for a later allocation.</summary>
internal sealed class Relay(RelayId id, TurnTransport transport)
{
    public RelayId Id { get; } = id;

    public TurnTransport Transport { get; } = transport;

    public RelayState State { get; set; }

    /// <summary>Where the socket is bound.</summary>
    public TransportAddress Local { get; set; }

    /// <summary>What clients and peers see.</summary>
    public TransportAddress Relayed { get; set; }

    /// <summary>How often the system refused a port.</summary>
    public int Attempts { get; set; }

    /// <summary>The relay on the next higher or lower port, while both are being opened for EVEN-PORT.</summary>
    public Relay? Partner { get; set; }

    /// <summary>Whether the port has to be even.</summary>
    public bool IsEven { get; init; }

    /// <summary>Whose it is; null while it is reserved.</summary>
    public Allocation? Owner { get; set; }

    /// <summary>By what a reservation is claimed (RFC 8656 §18.10); 0 when it is none.</summary>
    public ulong Token { get; set; }

    /// <summary>When the allocation of this address, or the reservation, ends.</summary>
    public Instant Expiry { get; set; } = Instant.Never;

    /// <summary>The time of the earliest deadline in the queue for this relay.</summary>
    public Instant Queued { get; set; } = Instant.Never;
}
