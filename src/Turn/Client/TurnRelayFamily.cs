namespace Turn;

/// <summary>Which relayed addresses a client asks for (RFC 8656 §7.1).</summary>
public enum TurnRelayFamily
{
    /// <summary>The server's default, IPv4: nothing is asked for.</summary>
    Default,

    /// <summary>IPv4 (REQUESTED-ADDRESS-FAMILY).</summary>
    IPv4,

    /// <summary>IPv6 (REQUESTED-ADDRESS-FAMILY).</summary>
    IPv6,

    /// <summary>One of each (ADDITIONAL-ADDRESS-FAMILY); servers that do not know this give IPv4 alone.</summary>
    Both,
}
