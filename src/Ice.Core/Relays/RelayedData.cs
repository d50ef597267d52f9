namespace Ice.Core;

/// <summary>Application data that came through a TURN server: where it lies in the datagram, and the path that it belongs to.</summary>
/// <param name="Path">The relayed base and the peer.</param>
/// <param name="Offset">Where it begins in the datagram, in bytes.</param>
/// <param name="Length">Its length in bytes.</param>
public readonly record struct RelayedData(IcePath Path, int Offset, int Length);
