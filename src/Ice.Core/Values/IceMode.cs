namespace Ice;

/// <summary>What of ICE an agent implements (RFC 8445 §2.5).</summary>
public enum IceMode
{
    /// <summary>A full implementation: gathers, checks and answers checks.</summary>
    Full,

    /// <summary>A lite implementation: has host candidates only and answers checks; for agents on public addresses.</summary>
    Lite,
}
