namespace Turn;

/// <summary>Where the driver has to send application data next.</summary>
public enum TurnForwardKind : byte
{
    /// <summary>Nowhere: it was a control message, or it was dropped and counted.</summary>
    None,

    /// <summary>To a peer, out of a relay socket.</summary>
    ToPeer,

    /// <summary>To the client of an allocation.</summary>
    ToClient,
}
