using System.Net;
using Stun;

namespace Ice;

/// <summary>How far <see cref="NatDiscovery"/> is.</summary>
/// <param name="InterfaceName">The interface that is probed.</param>
/// <param name="Address">The local address that is probed.</param>
/// <param name="Step">The test.</param>
/// <param name="SoFar">What is known now that the test has ended; null when it begins.</param>
public sealed record NatDiscoveryProgress(string InterfaceName, IPAddress Address, NatProbeStep Step, NatBehavior? SoFar);
