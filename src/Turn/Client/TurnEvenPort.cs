namespace Turn;

/// <summary>What a client asks of the relayed port (RFC 8656 §7.1, EVEN-PORT).</summary>
public enum TurnEvenPort
{
    /// <summary>Nothing.</summary>
    No,

    /// <summary>That it is even.</summary>
    Yes,

    /// <summary>That it is even, and that the next higher one is reserved for another allocation.</summary>
    YesAndReserveNext,
}
