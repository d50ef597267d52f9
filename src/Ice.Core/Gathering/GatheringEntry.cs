using Stun;

namespace Ice.Core;

/// <summary>One server asked from one base.</summary>
internal sealed class GatheringEntry(LocalBase localBase, GatheringServer server, int serverIndex, Instant now)
{
    public LocalBase Base { get; } = localBase;

    public GatheringServer Server { get; } = server;

    public int ServerIndex { get; } = serverIndex;

    public Instant AddedAt { get; } = now;

    /// <summary>When the first request left; Never before.</summary>
    public Instant StartedAt { get; set; } = Instant.Never;

    /// <summary>Whether it is known what the server answers, or that it does not.</summary>
    public bool Ended { get; set; }

    /// <summary>Whether the server has shown a binding, which is to be kept alive.</summary>
    public bool HasBinding { get; set; }

    /// <summary>The base is gone: nothing is sent from it any more.</summary>
    public bool Removed { get; set; }

    /// <summary>When the binding is to be refreshed (RFC 8445 §5.1.1.4); Never when there is none.</summary>
    public Instant KeepAliveAt { get; set; } = Instant.Never;
}
