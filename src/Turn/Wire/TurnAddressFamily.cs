namespace Turn;

/// <summary>An address family as REQUESTED-ADDRESS-FAMILY, ADDITIONAL-ADDRESS-FAMILY and ADDRESS-ERROR-CODE name it (RFC 8656 §18.6).</summary>
public enum TurnAddressFamily : byte
{
    /// <summary>IPv4, 0x01.</summary>
    IPv4 = 1,

    /// <summary>IPv6, 0x02.</summary>
    IPv6 = 2,
}
