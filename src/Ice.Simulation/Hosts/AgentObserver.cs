using Ice.Core;
using Stun;

namespace Ice.Simulation;

/// <summary>Watches what a <see cref="SimAgent"/> does: invariants and statistics derive from it. Every method does nothing by default.</summary>
public abstract class AgentObserver
{
    /// <summary>A machine has a STUN message sent.</summary>
    public virtual void OnTransmit(SimAgent agent, IcePath path, ReadOnlySpan<byte> message)
    {
    }

    /// <summary>A datagram arrived for a machine, and was handled.</summary>
    public virtual void OnDatagram(SimAgent agent, IcePath path, ReadOnlySpan<byte> datagram, InputResult result)
    {
    }

    /// <summary>The application sends data over a selected path.</summary>
    public virtual void OnData(SimAgent agent, ComponentId component, IcePath path)
    {
    }

    /// <summary>A machine reports something.</summary>
    public virtual void OnEvent(SimAgent agent, IceEvent happened)
    {
    }

    /// <summary>A machine's outputs were drained after an input.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="now">The time.</param>
    /// <param name="transmits">How many datagrams it had sent since the drain before.</param>
    /// <param name="events">How many events it had reported.</param>
    public virtual void OnDrained(SimAgent agent, Instant now, int transmits, int events)
    {
    }
}
