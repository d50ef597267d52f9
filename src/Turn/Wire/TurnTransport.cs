namespace Turn;

/// <summary>The transport protocol between the relay and the peers, as REQUESTED-TRANSPORT names it (RFC 8656 §18.7, RFC 6062 §4.1).</summary>
public enum TurnTransport : byte
{
    /// <summary>TCP (RFC 6062), protocol number 6.</summary>
    Tcp = 6,

    /// <summary>UDP, protocol number 17.</summary>
    Udp = 17,
}
