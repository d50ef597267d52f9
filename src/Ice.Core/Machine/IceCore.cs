using System.Diagnostics.CodeAnalysis;
using Stun;

namespace Ice.Core;

/// <summary>
/// The ICE agent as a state machine (RFC 8445). It owns no socket, no thread and no clock: datagrams, commands and the time go in;
/// datagrams, events and the next deadline come out. Two runs given the same inputs and the same entropy produce the same outputs.
/// </summary>
/// <remarks>Not thread-safe. After any input, drain both outputs and then re-read <see cref="NextTimeout"/>.</remarks>
[Experimental("ICE001")]
public sealed class IceCore
{
    /// <summary>Creates an agent in state New.</summary>
    public IceCore(IceCoreOptions options, EntropySource entropy, Instant now)
    {
        ArgumentNullException.ThrowIfNull(options);
        LocalParameters = options.LocalParameters ?? IceParameters.Create(entropy);
        NextTimeout = now;
    }

    /// <summary>Our credentials and options of the current session.</summary>
    public IceParameters LocalParameters { get; }

    /// <summary>The peer's parameters for a stream, or null before they are known.</summary>
    public IceParameters? GetRemoteParameters(int stream) => throw new NotImplementedException();

    /// <summary>The role as it stands.</summary>
    public IceRole Role { get; }

    /// <summary>The state of the agent.</summary>
    public IceConnectionState State { get; }

    /// <summary>The state of gathering.</summary>
    public GatheringState GatheringState { get; }

    /// <summary>When <see cref="HandleTimeout"/> is due; Never when idle.</summary>
    public Instant NextTimeout { get; }

    /// <summary>Sets the role, as long as no check has been sent or received (signalling decides late in SIPSorcery and JSEP).</summary>
    public void SetRole(IceRole role, Instant now) => throw new NotImplementedException();

    /// <summary>Adds a bound socket: its host candidate is gathered at once, reflexive ones from every server of its family.</summary>
    public void AddBase(BaseId id, ComponentId component, TransportAddress address, BaseTraits traits, Instant now) => throw new NotImplementedException();

    /// <summary>The socket or its interface went away: its candidates, pairs and transactions go too.</summary>
    public void RemoveBase(BaseId id, Instant now) => throw new NotImplementedException();

    /// <summary>Adds a resolved server.</summary>
    public void AddServer(GatheringServer server, Instant now) => throw new NotImplementedException();

    /// <summary>No further base or server comes: when the transactions under way have ended, gathering is complete.</summary>
    public void EndGatheringInputs(Instant now) => throw new NotImplementedException();

    /// <summary>Sets the peer's parameters of a stream; new ones after a restart begin the new session's checks.</summary>
    public void SetRemoteParameters(int stream, IceParameters parameters, Instant now) => throw new NotImplementedException();

    /// <summary>Adds a candidate of the peer. Candidates with names, unknown transports or wrong components are ignored.</summary>
    /// <returns>Null, or why the candidate is of no use to this agent.</returns>
    public string? AddRemoteCandidate(int stream, IceCandidate candidate, Instant now) => throw new NotImplementedException();

    /// <summary>The peer has no more candidates for the stream (RFC 8838 §14).</summary>
    public void EndOfRemoteCandidates(int stream, Instant now) => throw new NotImplementedException();

    /// <summary>Starts a new session with new credentials while the old pair still carries data (RFC 8445 §9).</summary>
    /// <param name="parameters">The new local credentials; null draws fresh ones.</param>
    /// <param name="now">The time.</param>
    /// <returns>The new local parameters.</returns>
    public IceParameters Restart(IceParameters? parameters, Instant now) => throw new NotImplementedException();

    /// <summary>Stops using a pair on the peer's word (RFC 7675 §5.2): nothing is sent on the component until a restart.</summary>
    public void RevokeConsent(ComponentId component, Instant now) => throw new NotImplementedException();

    /// <summary>Application data has arrived on a component since the last report: the path is alive.</summary>
    public void ReportDataReceived(ComponentId component, Instant now) => throw new NotImplementedException();

    /// <summary>Application data has been sent on a component since the last report: no keepalive is needed (RFC 8445 §11).</summary>
    public void ReportDataSent(ComponentId component, Instant now) => throw new NotImplementedException();

    /// <summary>Handles a received datagram. Never throws, whatever the bytes.</summary>
    public InputResult HandleDatagram(IcePath path, ReadOnlySpan<byte> datagram, Instant now) => throw new NotImplementedException();

    /// <summary>Does what is due.</summary>
    public void HandleTimeout(Instant now) => throw new NotImplementedException();

    /// <summary>Ends everything; the state becomes Closed.</summary>
    public void Close(Instant now) => throw new NotImplementedException();

    /// <summary>Encodes the next datagram to send into the caller's buffer (1,280 bytes suffice).</summary>
    public bool TryGetTransmit(Span<byte> buffer, out Transmit transmit) => throw new NotImplementedException();

    /// <summary>The next event.</summary>
    public bool TryGetEvent([NotNullWhen(true)] out IceEvent? value) => throw new NotImplementedException();

    /// <summary>The pair that a component's data goes over, or null.</summary>
    public CandidatePairInfo? GetSelectedPair(ComponentId component) => throw new NotImplementedException();

    /// <summary>All pairs of the current session as they stand, by falling priority.</summary>
    public IReadOnlyList<CandidatePairInfo> GetPairs() => throw new NotImplementedException();

    /// <summary>The local candidates of the current session.</summary>
    public IReadOnlyList<IceCandidate> GetLocalCandidates() => throw new NotImplementedException();

    /// <summary>The remote candidates of the current session, peer-reflexive ones included.</summary>
    public IReadOnlyList<IceCandidate> GetRemoteCandidates() => throw new NotImplementedException();

    /// <summary>How many STUN messages were refused for a reason.</summary>
    public long GetDropCount(DropReason reason) => throw new NotImplementedException();
}
