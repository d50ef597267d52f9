namespace Ice;

/// <summary>Who opens the connection of a TCP candidate (RFC 6544 §4.5).</summary>
public enum IceTcpType
{
    /// <summary>Not a TCP candidate, or no tcptype was given.</summary>
    None,

    /// <summary>Opens connections.</summary>
    Active,

    /// <summary>Accepts connections.</summary>
    Passive,

    /// <summary>Simultaneous open.</summary>
    SimultaneousOpen,
}
