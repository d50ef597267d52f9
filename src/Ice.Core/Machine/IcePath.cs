using Stun;

namespace Ice.Core;

/// <summary>Where a datagram leaves from and goes to, or came to and from.</summary>
/// <param name="Base">The local socket.</param>
/// <param name="Remote">The remote address.</param>
public readonly record struct IcePath(BaseId Base, TransportAddress Remote);
