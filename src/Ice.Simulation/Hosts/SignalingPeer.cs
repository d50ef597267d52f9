namespace Ice.Simulation;

/// <summary>Where one side of a signaling exchange stands.</summary>
internal sealed class SignalingPeer(SimAgent agent)
{
    public SimAgent Agent { get; } = agent;

    public int Session { get; set; }

    /// <summary>Whether this side made the offer of the session.</summary>
    public bool Offers { get; set; }

    /// <summary>Whether it may send its description: the offerer at once, the answerer once it has the offer.</summary>
    public bool MayDescribe { get; set; }

    public bool IsDescribed { get; set; }

    public bool IsComplete { get; set; }

    /// <summary>The peer's description, to be taken up when our own is ready.</summary>
    public Action? HeldOffer { get; set; }

    public List<SignaledCandidate> Held { get; } = [];
}
