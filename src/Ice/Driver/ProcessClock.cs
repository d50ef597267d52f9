using System.Runtime.CompilerServices;
using Ice.Core;

namespace Ice;

/// <summary>What the agents of a process have in common for one source of time: the origin of their time line, and the pacer.</summary>
internal sealed class ProcessClock
{
    private static readonly ConditionalWeakTable<TimeProvider, ProcessClock> s_clocks = [];

    private ProcessClock(TimeProvider time) => Origin = time.GetTimestamp();

    /// <summary>The timestamp that is <see cref="Stun.Instant.Zero"/>: one for all, so that a pacer means the same time to every agent.</summary>
    public long Origin { get; }

    /// <summary>
    /// RFC 8445 §14.2: "the combination of all transactions from all agents (if a given implementation runs several concurrent agents) MUST NOT
    /// be sent more often than once every 5 ms (as though there were one global Ta value for pacing all agents)."
    /// </summary>
    public Pacer Pacer { get; } = new(IceDefaults.MinimumPacing);

    public static ProcessClock For(TimeProvider time) => s_clocks.GetValue(time, static key => new ProcessClock(key));
}
