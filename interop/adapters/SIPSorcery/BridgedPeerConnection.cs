using System.Net;
using SIPSorcery.Net;
using Stun;

namespace Ice.SIPSorcery;

/// <summary>
/// An unchanged <see cref="RTCPeerConnection"/> that meets the network through an <see cref="IceAgent"/>: the way that needs public members only, for
/// versions of SIPSorcery with which <see cref="IcePeerConnection.IsSupported"/> is false.
/// </summary>
/// <remarks>
/// <para>
/// The connection has one candidate, on 127.0.0.1, and so has a second agent, which is its peer there. Descriptions are rewritten on their way, and
/// datagrams go from one agent to the other. That costs a second hop, and the connection learns late of a path that is lost: after 8 s it is
/// disconnected, after 16 s it has failed. <see cref="oniceconnectionstatechange"/> tells of the real path at once.
/// </para>
/// <para>Use <see cref="Connection"/> for tracks, data channels and its events; offers, answers and candidates go through the methods here. As with
/// SIPSorcery, they are called by one thread at a time. A connection whose path is not found within 16 s fails (<see cref="RtpIceChannel.FAILED_TIMEOUT_PERIOD"/>).</para>
/// </remarks>
public sealed class BridgedPeerConnection : IAsyncDisposable
{
    private readonly IceAgent _outer;
    private readonly IceAgent _inner;
    private IceParameters? _remote;
    private bool _restarted;
    private bool _introduced;

    /// <summary>Makes the connection and its agents, and starts to gather candidates.</summary>
    /// <param name="configuration">The configuration, or an <see cref="IceRTCConfiguration"/>; null takes the defaults.</param>
    /// <exception cref="FormatException">The URL of an ICE server is none.</exception>
    /// <exception cref="ArgumentException">The configuration contradicts itself; the message says what to write instead.</exception>
    public BridgedPeerConnection(RTCConfiguration? configuration = null)
    {
        configuration ??= new RTCConfiguration();
        _outer = new IceAgent(AgentOptionsFactory.Create(configuration, 0, null) with { DatagramHandler = (_, datagram, _) => Forward(_inner!, datagram) });
        _inner = new IceAgent(new IceAgentOptions
        {
            BindAddresses = [IPAddress.Loopback],
            LoggerFactory = new SipSorceryLoggers(),
            DatagramHandler = (_, datagram, _) => Forward(_outer, datagram),
        });
        Connection = new RTCPeerConnection(new RTCConfiguration
        {
            X_BindAddress = IPAddress.Loopback,
            bundlePolicy = configuration.bundlePolicy,
            rtcpMuxPolicy = configuration.rtcpMuxPolicy,
            certificates2 = configuration.certificates2,
            X_DisableExtendedMasterSecretKey = configuration.X_DisableExtendedMasterSecretKey,
            X_UseRtpFeedbackProfile = configuration.X_UseRtpFeedbackProfile,
            X_UseRsaForDtlsCertificate = configuration.X_UseRsaForDtlsCertificate,
        });
        _outer.CandidateGathered += (_, args) => onicecandidate?.Invoke(CandidateConverter.ToRtc(args.Candidate, _outer.LocalParameters.UsernameFragment));
        _outer.StateChanged += (_, args) => Follow(args.State);
        _inner.StartGathering();
        _outer.StartGathering();
    }

#pragma warning disable CA1003 // the events are SIPSorcery's, in name and in form
    /// <summary>A candidate for the peer was found. Those of this host are found before there can be a handler: they are in each description.</summary>
    public event Action<RTCIceCandidate>? onicecandidate;

    /// <summary>The state of the real path.</summary>
    public event Action<RTCIceConnectionState>? oniceconnectionstatechange;
#pragma warning restore CA1003

    /// <summary>The connection: for tracks, data channels and events. Not for offers, answers and candidates.</summary>
    public RTCPeerConnection Connection { get; }

    /// <summary>Counts of the agent that meets the network, of this moment.</summary>
    public IceStats GetIceStats() => _outer.GetStats();

    /// <summary>Makes an offer for the peer.</summary>
    public RTCSessionDescriptionInit createOffer() => ForPeer(Connection.createOffer(new RTCOfferOptions { X_ExcludeIceCandidates = true }));

    /// <summary>Makes an answer for the peer.</summary>
    public RTCSessionDescriptionInit createAnswer() => ForPeer(Connection.createAnswer(new RTCAnswerOptions { X_ExcludeIceCandidates = true }));

    /// <inheritdoc cref="RTCPeerConnection.setLocalDescription"/>
    public Task setLocalDescription(RTCSessionDescriptionInit description)
    {
        ArgumentNullException.ThrowIfNull(description);
        if (description.type == RTCSdpType.offer && _remote is null && _outer.Role == IceRole.Controlled)
            _outer.SetRole(IceRole.Controlling);
        return Connection.setLocalDescription(description);
    }

    /// <summary>Takes a description of the peer.</summary>
    /// <exception cref="FormatException">It is no session description, or has no ICE credentials.</exception>
    public SetDescriptionResultEnum setRemoteDescription(RTCSessionDescriptionInit description)
    {
        ArgumentNullException.ThrowIfNull(description);
        IceSdp sdp = IceSdp.Parse(description.sdp);
        string? error = null;
        IceParameters parameters = sdp.Media.Select(media => sdp.GetParameters(media, out error)).FirstOrDefault(static found => found is not null)
            ?? throw new FormatException(error ?? "The description has no m= line.");
        // The connection hears of the inner agent's candidate when there is a path: its handshake shall not begin before.
        SetDescriptionResultEnum result = Connection.setRemoteDescription(new RTCSessionDescriptionInit
        {
            type = description.type,
            sdp = SdpRewriter.Rewrite(description.sdp, _inner.LocalParameters, [], complete: false),
        });
        if (result != SetDescriptionResultEnum.OK)
            return result;
        bool changed = _remote is { } known && (known.UsernameFragment != parameters.UsernameFragment || known.Password != parameters.Password);
        if (changed && !_restarted)
            restartIce();
        if (_remote is null || changed || _restarted)
            _outer.SetRemoteParameters(parameters);
        _remote = parameters;
        _restarted = false;
        foreach (IceCandidate candidate in sdp.Media.SelectMany(static media => media.Candidates))
            _outer.AddRemoteCandidate(candidate);
        if (sdp.Media.Any(sdp.HasEndOfCandidates))
            _outer.AddRemoteCandidate((IceCandidate?)null);
        return result;
    }

    /// <summary>Adds a candidate of the peer; null, or one with an empty text, says that there are no more.</summary>
    /// <exception cref="FormatException">The text is no candidate.</exception>
    public void addIceCandidate(RTCIceCandidateInit? candidate) => _outer.AddRemoteCandidate(candidate?.candidate ?? "");

    /// <summary>Restarts ICE: the next offer has new credentials, while packets go on over the old pair until there is a new one.</summary>
    public void restartIce()
    {
        _ = _outer.RestartAsync().GetAwaiter().GetResult(); // completes at once
        _restarted = true;
    }

    /// <summary>Closes the connection and its agents.</summary>
    public async ValueTask DisposeAsync()
    {
        Connection.close();
        await _inner.DisposeAsync().ConfigureAwait(false);
        await _outer.DisposeAsync().ConfigureAwait(false);
    }

    private static void Forward(IceAgent agent, ReadOnlySpan<byte> datagram)
    {
        try
        {
            agent.TrySend(datagram);
        }
        catch (ObjectDisposedException)
        {
            // The other agent was closed first.
        }
    }

    private RTCSessionDescriptionInit ForPeer(RTCSessionDescriptionInit description) => new()
    {
        type = description.type,
        sdp = SdpRewriter.Rewrite(description.sdp, _outer.LocalParameters, _outer.LocalCandidates, _outer.GatheringState == GatheringState.Complete),
    };

    private void Follow(IceConnectionState state)
    {
        if (state == IceConnectionState.Connected && !_introduced)
        {
            _introduced = true;
            Introduce();
        }

        oniceconnectionstatechange?.Invoke(AgentIceChannel.Map(state));
    }

    /// <summary>Lets the connection and the inner agent find each other.</summary>
    private void Introduce()
    {
        RtpIceChannel channel = Connection.GetRtpChannel();
        _inner.SetRole(channel.IsController ? IceRole.Controlled : IceRole.Controlling);
        _inner.SetRemoteParameters(new IceParameters(channel.LocalIceUser, channel.LocalIcePassword));
        _inner.AddRemoteCandidate(new IceCandidate
        {
            Type = IceCandidateType.Host,
            Foundation = "1",
            Priority = uint.MaxValue >> 1,
            Address = TransportAddress.FromIPAddress(IPAddress.Loopback, channel.RTPPort),
        });
        foreach (IceCandidate candidate in _inner.LocalCandidates)
            Connection.addIceCandidate(new RTCIceCandidateInit { candidate = candidate.ToString() });
    }
}
