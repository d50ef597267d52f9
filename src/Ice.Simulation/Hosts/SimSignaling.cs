using Ice.Core;

namespace Ice.Simulation;

/// <summary>
/// The signaling between two agents: offer, answer and candidates, each a while on its way, in order. Candidates travel as SDP text.
/// </summary>
/// <remarks>
/// Without trickling the answerer takes the offer up when it has its answer ready, so that both agents begin their checks together. Sessions are
/// counted: what belongs to a session that was restarted is dropped, as a real offer/answer exchange does by its ufrag.
/// </remarks>
public sealed class SimSignaling
{
    private readonly SimNetwork _network;
    private readonly TrickleMode _mode;
    private readonly TimeSpan _delay;
    private readonly SignalingPeer _offerer;
    private readonly SignalingPeer _answerer;

    /// <summary>Joins two agents; <see cref="Start"/> makes the offer.</summary>
    /// <param name="offerer">The agent that offers.</param>
    /// <param name="answerer">The agent that answers; it gathers when the offer comes, unless it does so already.</param>
    /// <param name="mode">How candidates travel.</param>
    /// <param name="delay">How long each message is on its way.</param>
    public SimSignaling(SimAgent offerer, SimAgent answerer, TrickleMode mode, TimeSpan delay)
    {
        ArgumentNullException.ThrowIfNull(offerer);
        ArgumentNullException.ThrowIfNull(answerer);
        _network = offerer.Host.Network;
        _mode = mode;
        _delay = delay;
        _offerer = new SignalingPeer(offerer);
        _answerer = new SignalingPeer(answerer);
        offerer.EventHandler = happened => OnEvent(_offerer, happened);
        answerer.EventHandler = happened => OnEvent(_answerer, happened);
    }

    /// <summary>How many remote candidates a machine had no use for, and the last reason.</summary>
    public (int Count, string? LastReason) Unused { get; private set; }

    /// <summary>The offerer gathers and offers.</summary>
    public void Start()
    {
        _offerer.Offers = true;
        _offerer.MayDescribe = true;
        if (!_offerer.Agent.IsGathering)
            _offerer.Agent.Gather();
        Describe(_offerer);
    }

    /// <summary>One of the agents restarts ICE (RFC 8445 §9) and offers anew.</summary>
    public void Restart(SimAgent initiator)
    {
        ArgumentNullException.ThrowIfNull(initiator);
        SignalingPeer peer = PeerOf(initiator);
        BeginSession(peer, peer.Session + 1, offers: true);
        _ = initiator.Run((core, now) => core.Restart(null, now));
        Describe(peer);
    }

    private SignalingPeer PeerOf(SimAgent agent) =>
        agent == _offerer.Agent ? _offerer
        : agent == _answerer.Agent ? _answerer
        : throw new ArgumentException($"{agent} is not one of the two agents joined here.", nameof(agent));

    private SignalingPeer Other(SignalingPeer peer) => peer == _offerer ? _answerer : _offerer;

    private static void BeginSession(SignalingPeer peer, int session, bool offers)
    {
        peer.Session = session;
        peer.Offers = offers;
        peer.MayDescribe = offers;
        peer.IsDescribed = false;
        peer.IsComplete = false;
        peer.HeldOffer = null;
        peer.Held.Clear();
    }

    private void OnEvent(SignalingPeer peer, IceEvent happened)
    {
        switch (happened)
        {
            case IceEvent.LocalCandidate found:
                var candidate = new SignaledCandidate(found.Stream, found.Candidate.ToString());
                if (peer.IsDescribed)
                    Post(peer, (to, session) => Receive(to, session, candidate));
                else
                    peer.Held.Add(candidate);
                break;
            case IceEvent.GatheringCompleted:
                peer.IsComplete = true;
                if (peer.IsDescribed)
                    Post(peer, ReceiveEnd);
                else
                    Describe(peer);
                if (peer.HeldOffer is { } offer)
                    _network.Schedule(TimeSpan.Zero, offer);
                peer.HeldOffer = null;
                break;
            default:
                break;
        }
    }

    private void Describe(SignalingPeer peer)
    {
        // RFC 8838 §16: "In half trickle, the initiator conveys the initial ICE description with a usable but not necessarily full
        // generation of candidates." Here with all of them; the responder does not wait.
        bool waits = _mode == TrickleMode.None || (_mode == TrickleMode.Half && peer.Offers);
        if (peer.IsDescribed || !peer.MayDescribe || (waits && !peer.IsComplete))
            return;
        peer.IsDescribed = true;
        IceParameters parameters = peer.Agent.Core.LocalParameters;
        SignaledCandidate[] candidates = [.. peer.Held];
        bool complete = peer.IsComplete;
        Post(peer, (to, session) => ReceiveDescription(to, session, parameters, candidates, complete));
    }

    private void Post(SignalingPeer from, Action<SignalingPeer, int> receive)
    {
        SignalingPeer to = Other(from);
        int session = from.Session;
        _network.Schedule(_delay, () => receive(to, session));
    }

    private void ReceiveDescription(SignalingPeer to, int session, IceParameters parameters, SignaledCandidate[] candidates, bool complete)
    {
        if (session < to.Session)
            return;
        bool isAnswer = to.MayDescribe && session == to.Session;
        if (session > to.Session)
        {
            BeginSession(to, session, offers: false);
            _ = to.Agent.Run((core, now) => core.Restart(null, now));
        }

        to.MayDescribe = true;
        if (isAnswer)
        {
            Apply(to, session, parameters, candidates, complete);
            return;
        }

        if (!to.Agent.IsGathering)
            to.Agent.Gather();
        if (_mode == TrickleMode.None && !to.IsComplete)
        {
            to.HeldOffer = () => Apply(to, session, parameters, candidates, complete);
            return;
        }

        Apply(to, session, parameters, candidates, complete);
        Describe(to);
    }

    private static void ApplyParameters(SignalingPeer to, IceParameters parameters)
    {
        for (int stream = 0; stream < to.Agent.Options.Core.Streams.Count; stream++)
        {
            int each = stream;
            to.Agent.Run((core, now) => core.SetRemoteParameters(each, parameters, now));
        }
    }

    private void Apply(SignalingPeer to, int session, IceParameters parameters, SignaledCandidate[] candidates, bool complete)
    {
        if (session != to.Session)
            return;
        ApplyParameters(to, parameters);
        foreach (SignaledCandidate candidate in candidates)
            Receive(to, session, candidate);
        if (complete)
            ReceiveEnd(to, session);
    }

    private void Receive(SignalingPeer to, int session, SignaledCandidate signaled)
    {
        if (session != to.Session)
            return;
        IceCandidate candidate = IceCandidate.Parse(signaled.Text);
        if (to.Agent.Run((core, now) => core.AddRemoteCandidate(signaled.Stream, candidate, now)) is { } reason)
            Unused = (Unused.Count + 1, reason);
    }

    private static void ReceiveEnd(SignalingPeer to, int session)
    {
        if (session != to.Session)
            return;
        for (int stream = 0; stream < to.Agent.Options.Core.Streams.Count; stream++)
        {
            int each = stream;
            to.Agent.Run((core, now) => core.EndOfRemoteCandidates(each, now));
        }
    }
}
