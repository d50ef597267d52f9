namespace Ice.Core;

/// <summary>What became of a datagram.</summary>
public enum InputResult
{
    /// <summary>It was STUN and has been dealt with.</summary>
    Handled,

    /// <summary>It is not STUN: application data, for the caller to deliver.</summary>
    NotStun,

    /// <summary>It is application data that came through a TURN server: <see cref="IceCore.RelayedData"/> tells where it lies.</summary>
    RelayedData,

    /// <summary>It was refused and counted under a <see cref="DropReason"/>; it changed nothing.</summary>
    Dropped,
}
