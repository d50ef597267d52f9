namespace Ice.Simulation;

/// <summary>How two agents exchange candidates (RFC 8838).</summary>
public enum TrickleMode
{
    /// <summary>Both send descriptions at once and candidates as they are found.</summary>
    Full,

    /// <summary>The offerer gathers first and sends all with the offer; the answerer trickles (RFC 8838 §16).</summary>
    Half,

    /// <summary>Both gather first: one description each, with all candidates.</summary>
    None,
}
