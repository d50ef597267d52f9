namespace Ice;

/// <summary>An <see cref="IceUdpMux"/>'s counters at one moment; in datagrams since it was bound, unless they say otherwise.</summary>
public sealed record IceUdpMuxStats
{
    /// <summary>Agents at the mux just now.</summary>
    public int Agents { get; init; }

    /// <summary>Local username fragments that lead to an agent just now, on all addresses: one for each agent and address, two while it restarts.</summary>
    public int UsernameFragments { get; init; }

    /// <summary>Remote addresses that lead to an agent just now: no more than the agents have accepted.</summary>
    public int RemoteAddresses { get; init; }

    /// <summary>Requests of agents whose responses would find their way just now: bounded by the number of agents.</summary>
    public int Transactions { get; init; }

    /// <summary>Requests that led to an agent by the username fragment in their USERNAME.</summary>
    public long RoutedByUsername { get; init; }

    /// <summary>Responses that led to the agent that had sent the request.</summary>
    public long RoutedByTransaction { get; init; }

    /// <summary>Data and indications that led to the agent whose remote address they came from.</summary>
    public long RoutedByAddress { get; init; }

    /// <summary>
    /// The same from a remote address that is several agents' at a time: they went to the one that validated it last, and may have been
    /// another's. This happens where two muxes face each other; data cannot be told apart there.
    /// </summary>
    public long RoutedBySharedAddress { get; init; }

    /// <summary>Refused: they begin as STUN and are malformed, or their FINGERPRINT is wrong.</summary>
    public long Malformed { get; init; }

    /// <summary>Refused: requests without a USERNAME, or one without a colon.</summary>
    public long WithoutUsername { get; init; }

    /// <summary>Refused: requests for an agent that is not here.</summary>
    public long UnknownUsername { get; init; }

    /// <summary>Refused: responses to no request of any agent.</summary>
    public long UnknownTransaction { get; init; }

    /// <summary>Refused: data and indications from an address that no agent accepts anything from.</summary>
    public long UnknownSource { get; init; }

    /// <summary>Refused: longer than <see cref="IceUdpMuxOptions.MaxDatagramSize"/>.</summary>
    public long TooLarge { get; init; }

    /// <summary>Refused: for an agent that has just closed, or has not begun to gather.</summary>
    public long NotReceiving { get; init; }

    /// <summary>Errors that receiving reported, such as that a peer's port is closed. They cost nothing else.</summary>
    public long ReceiveErrors { get; init; }
}
