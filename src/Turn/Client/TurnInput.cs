namespace Turn;

/// <summary>What became of a message that a <see cref="TurnClient"/> was handed.</summary>
public enum TurnInput
{
    /// <summary>It was for the client, which has dealt with it.</summary>
    Handled,

    /// <summary>It holds application data of a peer: see the payload.</summary>
    Data,

    /// <summary>It is neither ChannelData nor STUN, or it is a Binding message: for the owner to deal with.</summary>
    NotTurn,

    /// <summary>It was refused and counted under a <see cref="TurnDropReason"/>; it changed nothing.</summary>
    Dropped,
}
