using System.Net;
using Stun;

namespace Ice;

/// <summary>What was found out from one local address.</summary>
/// <param name="InterfaceName">The interface, such as <c>eth0</c>; empty when unknown.</param>
/// <param name="Address">The local address.</param>
/// <param name="Behavior">What the NATs do that are between it and the servers.</param>
public sealed record NatInterfaceBehavior(string InterfaceName, IPAddress Address, NatBehavior Behavior);
