using Stun;

namespace Turn;

/// <summary>What the client knows about one channel: a number and a peer that belong together until both have rested.</summary>
internal sealed class ChannelEntry(ushort number, TransportAddress peer)
{
    public ushort Number { get; } = number;

    public TransportAddress Peer { get; } = peer;

    /// <summary>Whether the owner wants it bound.</summary>
    public bool IsWanted { get; set; } = true;

    /// <summary>Whether the server has confirmed it, and it has not expired.</summary>
    public bool IsBound { get; set; }

    /// <summary>Whether a request for it waits or is under way.</summary>
    public bool IsAsked { get; set; }

    /// <summary>Whether the server may have bound it: a request was sent, whatever came of it.</summary>
    public bool MayBeBound { get; set; }

    /// <summary>How many requests in a row went unanswered.</summary>
    public int Unanswered { get; set; }

    /// <summary>Until when data can go over it.</summary>
    public Instant ExpiresAt { get; set; } = Instant.Never;

    /// <summary>When the binding is to be asked for, first or again.</summary>
    public Instant DueAt { get; set; } = Instant.Never;

    /// <summary>From when on the number and the peer may be bound otherwise.</summary>
    public Instant RestsUntil { get; set; } = Instant.Never;

    /// <summary>The permission that the binding brings along; null before the first confirmation.</summary>
    public PermissionEntry? Permission { get; set; }
}
