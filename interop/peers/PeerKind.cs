namespace PeersInterop;

/// <summary>One of the agents that ours is tried against.</summary>
/// <param name="Name">Its name on the command line and in the table.</param>
/// <param name="Command">The program, without the configuration.</param>
internal sealed record PeerKind(string Name, IReadOnlyList<string> Command)
{
    /// <summary>Whether it is a whole WebRTC stack: it tells its credentials as the answerer only once it has the offer, and sends DTLS instead of our data.</summary>
    public bool FullStack { get; init; }

    /// <summary>Whether, while it restarts, the old pair still carries data on its side.</summary>
    public bool KeepsOldPair { get; init; } = true;

    /// <summary>Whether it sends over the best of several pairs that it has nominated, and so over the one that the other side selects.</summary>
    public bool SelectsBestNominated { get; init; } = true;

    /// <summary>What it cannot do, and why.</summary>
    public IReadOnlyDictionary<Need, string> Lacks { get; init; } = new Dictionary<Need, string>();
}
