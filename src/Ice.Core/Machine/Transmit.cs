namespace Ice.Core;

/// <summary>A datagram to send: the first <paramref name="Length"/> bytes of the caller's buffer.</summary>
/// <param name="Path">From which socket to which address.</param>
/// <param name="Length">The length in bytes.</param>
public readonly record struct Transmit(IcePath Path, int Length);
