using Ice.Core;
using Stun;

namespace Ice.Simulation;

/// <summary>An event of a machine, and when it came.</summary>
/// <param name="Time">The time.</param>
/// <param name="Event">The event.</param>
public readonly record struct AgentLogEntry(Instant Time, IceEvent Event);
