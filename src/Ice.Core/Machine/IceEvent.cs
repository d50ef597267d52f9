using System.Collections.Immutable;
using Stun;

namespace Ice.Core;

/// <summary>What the machine tells its driver: an instruction or a change, with all the data that is needed to act.</summary>
/// <remarks>A closed hierarchy: switch over the nested records.</remarks>
public abstract record IceEvent
{
    private protected IceEvent()
    {
    }

    /// <summary>A local candidate was gathered: signal it.</summary>
    /// <param name="Stream">The data stream.</param>
    /// <param name="Candidate">The candidate.</param>
    public sealed record LocalCandidate(int Stream, IceCandidate Candidate) : IceEvent;

    /// <summary>A server answered on one base, or did not.</summary>
    /// <param name="Server">The server.</param>
    /// <param name="Base">The base that asked; null when none could.</param>
    /// <param name="Elapsed">The time from the first request to the answer or the failure.</param>
    /// <param name="Failure">Why there is no candidate; null on success.</param>
    public sealed record ServerResult(GatheringServer Server, BaseId? Base, TimeSpan Elapsed, string? Failure) : IceEvent;

    /// <summary>All local candidates of this session are known: signal end-of-candidates.</summary>
    public sealed record GatheringCompleted : IceEvent;

    /// <summary>The state of the agent changed.</summary>
    /// <param name="State">The new state.</param>
    /// <param name="Reason">Why, for Failed and Disconnected.</param>
    /// <param name="Explanation">The reason in a sentence, with what to try; null where there is nothing to say.</param>
    public sealed record StateChanged(IceConnectionState State, IceFailureReason Reason, string? Explanation) : IceEvent;

    /// <summary>Data of a component goes this way from now on; null: nowhere (consent lost, RFC 7675 §5.1).</summary>
    /// <param name="Component">The component.</param>
    /// <param name="Pair">The pair: valid, and nominated when its Nominated says so (RFC 8445 §12.1).</param>
    public sealed record SendPathChanged(ComponentId Component, CandidatePairInfo? Pair) : IceEvent
    {
        /// <summary>The way through the TURN server when the pair's local candidate is relayed; null for a direct pair.</summary>
        public RelayRoute? Relay { get; init; }
    }

    /// <summary>From these paths data of a component is to be accepted, and from no others.</summary>
    /// <param name="Component">The component.</param>
    /// <param name="Paths">The paths whose remote side has proved to know our credentials.</param>
    public sealed record AcceptedPathsChanged(ComponentId Component, ImmutableArray<IcePath> Paths) : IceEvent;

    /// <summary>A pair was formed or changed its state: for display and logs.</summary>
    /// <param name="Pair">The pair as it stands now.</param>
    public sealed record PairChanged(CandidatePairInfo Pair) : IceEvent;

    /// <summary>Open a stream to a TURN server from a base's address and call <see cref="IceCore.RelayStreamOpened"/>, or RelayStreamClosed.</summary>
    /// <param name="RelayId">Names the stream.</param>
    /// <param name="From">The base whose local address it is to leave from.</param>
    /// <param name="Server">The server, with the transport in its <see cref="GatheringServer.Relay"/>.</param>
    public sealed record OpenRelayStream(int RelayId, BaseId From, GatheringServer Server) : IceEvent;

    /// <summary>The rule of a NAT was read, and mappings that it will probably make next: for display and logs.</summary>
    /// <param name="Component">The component.</param>
    /// <param name="OfPeer">Whether the NAT is the peer's, or ours.</param>
    /// <param name="Pattern">The rule.</param>
    /// <param name="Predicted">The mappings: signaled as server-reflexive candidates when they are ours, the first to be probed when they are the peer's.</param>
    public sealed record PortsPredicted(ComponentId Component, bool OfPeer, PortPattern Pattern, ImmutableArray<TransportAddress> Predicted) : IceEvent;

    /// <summary>Something else is tried, or nothing more: for display and logs.</summary>
    /// <param name="Component">The component.</param>
    /// <param name="Kind">What is tried from now on.</param>
    /// <param name="Probes">How many probes of the component were sent so far.</param>
    public sealed record ProbingChanged(ComponentId Component, IceProbing Kind, long Probes) : IceEvent;

    /// <summary>Open sockets on the address of a base and call <see cref="IceCore.AddBase"/> for each, with <see cref="BaseTraits.ForGuessing"/>.</summary>
    /// <param name="From">The base.</param>
    /// <param name="Count">How many sockets; fewer do with less chance.</param>
    public sealed record OpenGuessBases(BaseId From, int Count) : IceEvent;

    /// <summary>Close these sockets: the machine has forgotten them.</summary>
    /// <param name="Bases">Sockets that were opened for <see cref="OpenGuessBases"/>.</param>
    public sealed record CloseGuessBases(ImmutableArray<BaseId> Bases) : IceEvent;

    /// <summary>A role conflict made us change roles (RFC 8445 §7.2.5.1, §7.3.1.1).</summary>
    /// <param name="Role">The new role.</param>
    public sealed record RoleChanged(IceRole Role) : IceEvent;

    /// <summary>The session was restarted (RFC 8445 §9): signal the new parameters; candidates are gathered anew.</summary>
    /// <param name="Parameters">The new local parameters.</param>
    public sealed record Restarted(IceParameters Parameters) : IceEvent;
}
