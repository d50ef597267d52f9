namespace Ice;

/// <summary>What <see cref="MuxRouter{T}"/> found of a datagram: by what its owner is known, or why it has none.</summary>
internal enum MuxVerdict
{
    /// <summary>A request whose USERNAME names the owner.</summary>
    Username,

    /// <summary>A response to a request that the owner sent.</summary>
    Transaction,

    /// <summary>Data, or an indication, from an address that the owner has proved.</summary>
    Address,

    /// <summary>The same from an address that several have proved: it goes to the one that proved it last, which may be the wrong one.</summary>
    SharedAddress,

    /// <summary>Refused: it looks like STUN and is malformed.</summary>
    Malformed,

    /// <summary>Refused: a request without a USERNAME of the form "ours:theirs".</summary>
    NoUsername,

    /// <summary>Refused: a request whose USERNAME names nobody here.</summary>
    UnknownUsername,

    /// <summary>Refused: a response to nothing that was asked.</summary>
    UnknownTransaction,

    /// <summary>Refused: data, or an indication, from an address that nobody has proved.</summary>
    UnknownSource,
}
