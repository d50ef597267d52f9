namespace PeersInterop;

/// <summary>What a case needs of a peer beyond connecting.</summary>
internal enum Need
{
    /// <summary>Telling its candidates one by one, as it finds them.</summary>
    Trickle,

    /// <summary>Telling names in place of its host addresses.</summary>
    Names,

    /// <summary>Resolving role conflicts.</summary>
    RoleConflict,

    /// <summary>Restarting ICE.</summary>
    Restart,

    /// <summary>Exchanging datagrams that are not DTLS.</summary>
    PlainData,

    /// <summary>Nominating one pair when checks have succeeded (RFC 8445).</summary>
    RegularNomination,

    /// <summary>Nominating with each check (RFC 5245).</summary>
    AggressiveNomination,
}
