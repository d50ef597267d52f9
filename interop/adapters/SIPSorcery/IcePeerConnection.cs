using System.Net;
using Ice.Core;
using SIPSorcery.Net;
using SIPSorcery.Sys;

namespace Ice.SIPSorcery;

/// <summary>
/// SIPSorcery's connection with an <see cref="IceAgent"/> underneath: several servers, TURN by every transport, trickle, real restarts, role
/// conflicts and consent. Everything above ICE (events, tracks, data channels, DTLS, SRTP) is SIPSorcery's own.
/// </summary>
/// <remarks>
/// <para>To use it, write <c>new IcePeerConnection(configuration)</c> for <c>new RTCPeerConnection(configuration)</c>.</para>
/// <para>
/// Three methods of the base class cannot be overridden and are replaced: call <see cref="restartIce"/> through a variable of this type or of
/// <see cref="IRTCPeerConnection"/>. <see cref="setRemoteDescription"/> and <see cref="addIceCandidate"/> work through a variable of type
/// <see cref="RTCPeerConnection"/> too, except that an end of candidates is not seen there, and that candidates of TCP are taken for ones of UDP.
/// </para>
/// <para>As with the base class, signaling methods are called by one thread at a time. Events are raised by the agent's event loop, in order.</para>
/// </remarks>
public class IcePeerConnection : RTCPeerConnection, IRTCPeerConnection, IAsyncDisposable
{
    private RTCSessionDescription? _applied;
    private string? _remoteText;

    /// <summary>Makes a connection without servers.</summary>
    public IcePeerConnection()
        : this(null)
    {
    }

    /// <summary>Makes a connection, opens its sockets and starts to gather candidates.</summary>
    /// <param name="configuration">The configuration, or an <see cref="IceRTCConfiguration"/>; null takes the defaults.</param>
    /// <param name="bindPort">The local port to bind, or 0 for any.</param>
    /// <param name="portRange">The local ports to bind, or null for any.</param>
    /// <param name="videoAsPrimary">Whether the first stream is one of video.</param>
    /// <exception cref="NotSupportedException">This version of SIPSorcery does not have what the adapter needs; the message names it.</exception>
    /// <exception cref="FormatException">The URL of an ICE server is none.</exception>
    /// <exception cref="ArgumentException">The configuration contradicts itself; the message says what to write instead.</exception>
    public IcePeerConnection(RTCConfiguration? configuration, int bindPort = 0, PortRange? portRange = null, bool videoAsPrimary = false)
        : base(configuration, bindPort, portRange, videoAsPrimary)
    {
        onsignalingstatechange += FollowSignaling;
        Channel.Begin();
    }

    /// <summary>Whether this version of SIPSorcery has all that the adapter needs; where not, take <see cref="BridgedPeerConnection"/>.</summary>
    public static bool IsSupported => SipSorceryCheck.Missing.Count == 0;

    /// <summary>What of SIPSorcery's private members this version does not have; empty when <see cref="IsSupported"/>.</summary>
    public static IReadOnlyList<string> MissingMembers => SipSorceryCheck.Missing;

    /// <summary>The candidate pair that packets go over, as it stands now; null when there is none.</summary>
    public CandidatePairInfo? SelectedPair => Channel.Agent.SelectedPair;

    private AgentIceChannel Channel => (AgentIceChannel)MultiplexRtpChannel;

    /// <summary>Counts of the agent, of this moment.</summary>
    public IceStats GetIceStats() => Channel.Agent.GetStats();

    /// <inheritdoc cref="RTCPeerConnection.setRemoteDescription"/>
    public new SetDescriptionResultEnum setRemoteDescription(RTCSessionDescriptionInit description)
    {
        ArgumentNullException.ThrowIfNull(description);
        // The base class tells of a description by an event, when it has read it; by then the text is gone, and with it what it did not read.
        _remoteText = description.sdp;
        try
        {
            return base.setRemoteDescription(description);
        }
        finally
        {
            _remoteText = null;
        }
    }

    /// <summary>Adds a candidate of the peer.</summary>
    /// <param name="candidate">The candidate; null, or one with an empty text, says that there are no more.</param>
    /// <remarks>What cannot be read, or belongs to an earlier ICE session, is told by <c>onicecandidateerror</c>.</remarks>
    public new void addIceCandidate(RTCIceCandidateInit? candidate = null) => Channel.AddRemote(candidate);

    /// <summary>Restarts ICE: the next offer has new credentials and candidates, while packets go on over the old pair until there is a new one.</summary>
    /// <remarks><c>onnegotiationneeded</c> follows: create an offer and send it to the peer, as for the first one.</remarks>
    public new void restartIce()
    {
        if (IsClosed)
            return;
        Channel.RestartAgent();
        RequireRenegotiation = true;
    }

    /// <inheritdoc/>
    public override void Close(string reason)
    {
        base.Close(reason);
        _ = Channel.CloseAgentAsync();
    }

    /// <summary>Closes the connection and waits until no socket, timer or task of its agent is left.</summary>
    public async ValueTask DisposeAsync()
    {
        Close("disposed");
        await Channel.CloseAgentAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Sends to where the pair leads.</summary>
    internal void MoveTo(IPEndPoint destination) => SetGlobalDestination(destination, destination);

    /// <inheritdoc/>
    protected override RTPChannel CreateRtpChannel()
    {
        // Called by the base class's constructor, before this class's own, and again for each track.
        if (MultiplexRtpChannel is not null)
            return MultiplexRtpChannel;
        SipSorceryCheck.ThrowIfMissing(SipSorceryCheck.Missing);
        AgentIceChannel channel = new(this, getConfiguration(), rtpSessionConfig.BindPort, rtpSessionConfig.RtpPortRange);
        channel.OnRTPDataReceived += (port, remote, packet) => SipSorceryMembers.OnRtpDataReceived(this, port, remote, packet);
        MultiplexRtpChannel = channel;
        return channel;
    }

    /// <summary>What the base class did of signaling: its methods are not virtual, but each that succeeds ends with this event.</summary>
    private void FollowSignaling()
    {
        if (Channel.UndoForeignRestart())
        {
            throw new InvalidOperationException(
                "restartIce was called through a variable of type RTCPeerConnection, whose method cannot be overridden: nothing was restarted. "
                + "Call it through a variable of type IcePeerConnection or IRTCPeerConnection, then create the offer anew.");
        }

        Channel.TakeRole();
        bool isOffer = remoteDescription?.type == RTCSdpType.offer;
        if (remoteDescription is null || ReferenceEquals(remoteDescription, _applied)
            || signalingState != (isOffer ? RTCSignalingState.have_remote_offer : RTCSignalingState.stable))
        {
            return;
        }

        _applied = remoteDescription;
        Channel.ApplyRemote(_remoteText ?? remoteDescription.sdp.ToString(), isOffer);
    }
}
