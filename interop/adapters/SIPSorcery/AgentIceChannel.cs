using System.Net;
using System.Net.Sockets;
using Ice.Core;
using Ice.Net;
using Microsoft.Extensions.Logging;
using SIPSorcery.Net;
using SIPSorcery.Sys;
using Stun;
using LogFactory = SIPSorcery.LogFactory;

namespace Ice.SIPSorcery;

/// <summary>
/// SIPSorcery's ICE channel with its own ICE switched off and an <see cref="IceAgent"/> in its place: what the connection reads of a channel is
/// written by the agent's events, and its packets go over the agent's pair.
/// </summary>
internal sealed class AgentIceChannel : RtpIceChannel
{
    private static readonly TimeSpan s_pumpInterval = TimeSpan.FromMilliseconds(20);
    private readonly IcePeerConnection _owner;
    private readonly IceAgent _agent;
    private readonly ILogger _logger = LogFactory.CreateLogger("Ice.SIPSorcery");
    private readonly Timer _pump;
    private readonly Lock _publishing = new();
    private readonly HashSet<string> _published = [];
    private readonly Lock _delivering = new();
    private readonly Dictionary<TransportAddress, IPAddress> _senders = [];
    private IceParameters? _remote;
    private bool _restarted;
    private Task? _closed;

    /// <summary>Makes a channel for a connection. Nothing is opened before <see cref="Begin"/>.</summary>
    public AgentIceChannel(IcePeerConnection owner, RTCConfiguration configuration, int bindPort, PortRange? portRange)
        : base(IPAddress.Loopback, RTCIceComponent.rtp)
    {
        _owner = owner;
        // The base class always binds a socket, and would begin to gather on it. Neither is wanted.
        RtpSocket.Close();
        Close();
        IceAgentOptions options = AgentOptionsFactory.Create(configuration, bindPort, portRange);
        if (options.DatagramHandler is not null)
            throw new ArgumentException("The connection takes all datagrams itself: leave DatagramHandler out of the options.", nameof(configuration));
        _agent = new IceAgent(options with
        {
            DatagramHandler = Deliver,
            NameResolver = new ChannelNameResolver(this, options.NameResolver ?? NameResolver.Default),
        });
        _agent.CandidateGathered += (_, args) => Publish(args.Candidate);
        _agent.GatheringCompleted += (_, _) => CompleteGathering();
        _agent.StateChanged += (_, args) => ChangeState(args.State);
        _agent.SelectedPairChanged += (_, args) => FollowPair(args.Pair);
        _pump = new Timer(_ => TakePendingCandidates(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        TakeLocalParameters(_agent.LocalParameters);
    }

    /// <summary>The agent.</summary>
    public IceAgent Agent => _agent;

    /// <summary>Opens the sockets and starts gathering. The host candidates are there when it returns, so that the first offer has them.</summary>
    public void Begin()
    {
        _agent.StartGathering();
        PublishAll();
    }

    /// <summary>Whether the base class's own restart was called, which cannot be overridden and does nothing here. Puts right what it broke.</summary>
    public bool UndoForeignRestart()
    {
        if (IceGatheringState != RTCIceGatheringState.@new || _owner.IsClosed)
            return false;
        SipSorceryMembers.SetIceConnectionState(this, Map(_agent.State));
        Republish();
        return true;
    }

    /// <summary>Takes the role that the descriptions have given so far.</summary>
    public void TakeRole()
    {
        // RFC 8445 §9: "agents MUST NOT redetermine the roles as part as an ICE restart, unless certain criteria that require the roles to be
        // redetermined are fulfilled."
        if (_remote is null && IsController && _agent.Role == IceRole.Controlled)
            _agent.SetRole(IceRole.Controlling);
    }

    /// <summary>Starts a new ICE session with new credentials, which the next description carries.</summary>
    public void RestartAgent()
    {
        // Completes at once: the agent does the work under its lock.
        TakeLocalParameters(_agent.RestartAsync().GetAwaiter().GetResult());
        _restarted = true;
        Republish();
    }

    /// <summary>Takes a description of the peer.</summary>
    /// <param name="sdp">Its text.</param>
    /// <param name="isOffer">Whether it is an offer.</param>
    public void ApplyRemote(string sdp, bool isOffer)
    {
        if (!IceSdp.TryParse(sdp, out IceSdp? description, out string? error)
            || description.Media.Select(media => description.GetParameters(media, out error)).FirstOrDefault(static found => found is not null) is not { } parameters)
        {
            RaiseError($"The peer's description has no ICE credentials that can be used: {error ?? "it has no m= line"}");
            return;
        }

        if (!ApplyParameters(parameters, isOffer))
            return;
        foreach (IceCandidate candidate in description.Media.SelectMany(static media => media.Candidates))
            _agent.AddRemoteCandidate(candidate);
        if (description.Media.Any(description.HasEndOfCandidates))
            _agent.AddRemoteCandidate((IceCandidate?)null);
        TakePendingCandidates();
        if (IceConnectionState != RTCIceConnectionState.connected)
            _pump.Change(s_pumpInterval, s_pumpInterval);
    }

    /// <summary>Takes a trickled candidate of the peer; null or an empty one says that there are no more.</summary>
    public void AddRemote(RTCIceCandidateInit? init)
    {
        string text = init?.candidate?.Trim() ?? "";
        IceCandidate? candidate = null;
        if (text.Length > 0 && !IceCandidate.TryParse(text.StartsWith("a=", StringComparison.Ordinal) ? text[2..] : text, out candidate, out string? error))
        {
            RaiseError($"The peer's candidate cannot be read: {error}");
            return;
        }

        // RFC 8838 §9 has the ufrag name the session that a candidate belongs to: one that comes late, after a restart, is of no use.
        string? ufrag = candidate?.UsernameFragment ?? (string.IsNullOrEmpty(init?.usernameFragment) ? null : init.usernameFragment);
        if (ufrag is not null && _remote is not null && ufrag != _remote.UsernameFragment)
            RaiseError($"The peer's candidate belongs to another ICE session ({ufrag}) than the current one ({_remote.UsernameFragment}).");
        else
            AddToAgent(candidate);
    }

    /// <inheritdoc/>
    public override SocketError Send(RTPChannelSocketsEnum sendOn, IPEndPoint dstEndPoint, byte[] buffer)
    {
        try
        {
            if (_agent.TrySend(buffer))
                return SocketError.Success;
            return _agent.Components[0].SelectedPair is null ? SocketError.NotConnected : SocketError.WouldBlock;
        }
        catch (ObjectDisposedException)
        {
            return SocketError.Disconnecting;
        }
        catch (IceException exception) when (exception.Error == IceError.DatagramTooLarge)
        {
            return SocketError.MessageSize;
        }
    }

    /// <summary>Closes the agent. When the task has ended, nothing of it is left.</summary>
    public Task CloseAgentAsync()
    {
        lock (_publishing)
            return _closed ??= CloseAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _ = CloseAgentAsync();
    }

    private async Task CloseAsync()
    {
        await _pump.DisposeAsync().ConfigureAwait(false);
        await _agent.DisposeAsync().ConfigureAwait(false);
    }

    private bool ApplyParameters(IceParameters parameters, bool isOffer)
    {
        bool changed = _remote is { } known && (known.UsernameFragment != parameters.UsernameFragment || known.Password != parameters.Password);
        if (changed && !_restarted)
        {
            if (!isOffer)
            {
                RaiseError("The peer's answer has new ICE credentials, but the offer did not restart ICE: the answer's credentials and candidates are left out.");
                return false;
            }

            // RFC 8839 §4.4.1.1.1: a peer that restarts does so by new credentials in its offer; the answer has to have new ones too.
            RestartAgent();
        }

        if (_remote is null || changed || _restarted)
            _agent.SetRemoteParameters(parameters);
        _remote = parameters;
        _restarted = false;
        return true;
    }

    private void TakeLocalParameters(IceParameters parameters)
    {
        // Readonly to the compiler. SIPSorcery reads them when it writes a description; its own are short, and stay the same at a restart.
        SipSorceryMembers.LocalIceUser(this) = parameters.UsernameFragment;
        SipSorceryMembers.LocalIcePassword(this) = parameters.Password;
    }

    /// <summary>Takes the candidates that came by the base class's method, which cannot be overridden.</summary>
    private void TakePendingCandidates()
    {
        while (SipSorceryMembers.PendingRemoteCandidates(this).TryDequeue(out RTCIceCandidate? pending))
        {
            // Those with a destination are the agent's own findings (see Sender).
            if (pending.DestinationEndPoint is null && CandidateConverter.FromRtc(pending) is { } candidate)
                AddToAgent(candidate);
        }
    }

    private void AddToAgent(IceCandidate? candidate)
    {
        try
        {
            _agent.AddRemoteCandidate(candidate);
        }
        catch (ObjectDisposedException)
        {
            // A candidate that comes after the end is of no use, and no error.
        }
    }

    private void Republish()
    {
        lock (_publishing)
        {
            _published.Clear();
            SipSorceryMembers.Candidates(this) = [];
        }

        PublishAll();
    }

    private void PublishAll()
    {
        SetGatheringState(RTCIceGatheringState.gathering);
        foreach (IceCandidate candidate in _agent.LocalCandidates)
            Publish(candidate);
        CompleteGathering();
    }

    private void Publish(IceCandidate candidate)
    {
        RTCIceCandidate rtc = CandidateConverter.ToRtc(candidate, LocalIceUser);
        lock (_publishing)
        {
            if (!_published.Add(rtc.ToString()))
                return;
            SipSorceryMembers.Candidates(this).Add(rtc);
        }

        SipSorceryMembers.OnIceCandidate(this)?.Invoke(rtc);
    }

    private void CompleteGathering()
    {
        if (_agent.GatheringState == GatheringState.Complete)
            SetGatheringState(RTCIceGatheringState.complete);
    }

    private void SetGatheringState(RTCIceGatheringState state)
    {
        lock (_publishing)
        {
            if (IceGatheringState == state)
                return;
            SipSorceryMembers.SetIceGatheringState(this, state);
        }

        SipSorceryMembers.OnIceGatheringStateChange(this)?.Invoke(state);
    }

    private void ChangeState(IceConnectionState state)
    {
        RTCIceConnectionState mapped = Map(state);
        if (mapped == IceConnectionState || _owner.IsClosed)
            return;
        if (mapped == RTCIceConnectionState.connected)
        {
            _pump.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (_agent.SelectedPair is { } pair)
                Nominate(pair);
        }
        else if (_remote is not null)
        {
            _pump.Change(s_pumpInterval, s_pumpInterval);
        }

        SipSorceryMembers.SetIceConnectionState(this, mapped);
        SipSorceryMembers.OnIceConnectionStateChange(this)?.Invoke(mapped);
    }

    private void FollowPair(CandidatePairInfo? pair)
    {
        if (pair is null || IceConnectionState != RTCIceConnectionState.connected)
            return;
        Nominate(pair);
        _owner.MoveTo(NominatedEntry.RemoteCandidate.DestinationEndPoint);
    }

    private void Nominate(CandidatePairInfo pair)
    {
        IPEndPoint destination = pair.Path.Remote.ToIPEndPoint();
        SipSorceryMembers.SetNominatedEntry(this, new ChecklistEntry(
            CandidateConverter.ToRtc(pair.Local, LocalIceUser), CandidateConverter.ToRtc(pair.Remote, destination), _agent.Role == IceRole.Controlling)
        {
            Nominated = true,
            Valid = true,
            State = ChecklistEntryState.Succeeded,
        });
    }

    private void Deliver(IceComponent component, ReadOnlySpan<byte> datagram, TransportAddress remote)
    {
        // RFC 7983 §7: "[20..63] -+--> forward to DTLS" and "[128..191] -+--> forward to RTP/RTCP"; the base class would read smaller ones as STUN.
        const byte firstOfDtls = 20;
        if (datagram.IsEmpty || datagram[0] < firstOfDtls)
            return;
        byte[] packet = datagram.ToArray(); // SIPSorcery keeps it, and decrypts it in place
        // Several sockets may receive while the path changes, and SRTP's state is for one thread at a time.
        lock (_delivering)
        {
            // SIPSorcery changes the end point that it gets: each packet has its own.
            OnRTPPacketReceived(null, RTPPort, new IPEndPoint(Sender(remote), remote.Port), packet);
        }
    }

    /// <summary>The address of a sender. The connection takes packets only from the candidates that its channel knows; the agent has checked this one.</summary>
    private IPAddress Sender(TransportAddress remote)
    {
        if (_senders.TryGetValue(remote, out IPAddress? address))
            return address;
        address = remote.ToIPAddress();
        RTCIceCandidate candidate = new(RTCIceProtocol.udp, address, (ushort)remote.Port, RTCIceCandidateType.prflx);
        candidate.SetDestinationEndPoint(new IPEndPoint(address, remote.Port));
        AddRemoteCandidate(candidate);
        TakePendingCandidates();
        _senders.Add(remote, address);
        return address;
    }

    private void RaiseError(string message)
    {
        if (_logger.IsEnabled(LogLevel.Warning))
            _logger.LogWarning("{Message}", message);
        SipSorceryMembers.OnIceCandidateError(this)?.Invoke(null, message);
    }

    internal static RTCIceConnectionState Map(IceConnectionState state) => state switch
    {
        global::Ice.IceConnectionState.New => RTCIceConnectionState.@new,
        global::Ice.IceConnectionState.Checking => RTCIceConnectionState.checking,
        global::Ice.IceConnectionState.Connected => RTCIceConnectionState.connected,
        global::Ice.IceConnectionState.Disconnected => RTCIceConnectionState.disconnected,
        global::Ice.IceConnectionState.Failed => RTCIceConnectionState.failed,
        _ => RTCIceConnectionState.closed,
    };
}
