namespace Stun;

/// <summary>What a <see cref="NatBehaviorProbe"/> tells its driver.</summary>
/// <remarks>A closed hierarchy: switch over the nested records.</remarks>
public abstract record NatProbeEvent
{
    private protected NatProbeEvent()
    {
    }

    /// <summary>
    /// Open a socket on the local address that is probed, with a port of the system's choice that had no traffic lately (RFC 5780 §4.1); then call
    /// <see cref="NatBehaviorProbe.HandleSocketOpened"/> or <see cref="NatBehaviorProbe.HandleSocketFailed"/>.
    /// </summary>
    /// <param name="Socket">What the probe calls it.</param>
    public sealed record OpenSocket(NatSocketId Socket) : NatProbeEvent;

    /// <summary>Close a socket: nothing is sent from it any more.</summary>
    /// <param name="Socket">The socket.</param>
    public sealed record CloseSocket(NatSocketId Socket) : NatProbeEvent;

    /// <summary>A test begins.</summary>
    /// <param name="Step">The test.</param>
    public sealed record StepStarted(NatProbeStep Step) : NatProbeEvent;

    /// <summary>A test has ended.</summary>
    /// <param name="Step">The test.</param>
    /// <param name="SoFar">What is known so far.</param>
    public sealed record StepEnded(NatProbeStep Step, NatBehavior SoFar) : NatProbeEvent;

    /// <summary>All tests have ended; nothing more is sent.</summary>
    /// <param name="Behavior">What was found.</param>
    public sealed record Completed(NatBehavior Behavior) : NatProbeEvent;
}
