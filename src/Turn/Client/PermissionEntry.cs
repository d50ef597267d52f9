using Stun;

namespace Turn;

/// <summary>What the client knows about the permission of one IP address.</summary>
internal sealed class PermissionEntry(TransportAddress peer)
{
    /// <summary>The peer as the owner gave it.</summary>
    public TransportAddress Peer { get; } = peer;

    /// <summary>Whether the owner wants it kept.</summary>
    public bool IsWanted { get; set; } = true;

    /// <summary>Whether the server has it.</summary>
    public bool IsInstalled { get; set; }

    /// <summary>Whether a request for it is under way or is to be sent by itself.</summary>
    public bool IsAsked { get; set; }

    /// <summary>Whether the owner was told that it is there.</summary>
    public bool IsReported { get; set; }

    public Instant ExpiresAt { get; set; } = Instant.Never;

    /// <summary>When to ask the server; for one that it does not have: at once.</summary>
    public Instant DueAt { get; set; } = Instant.Zero;

    public bool IsDue(Instant now) => IsWanted && !IsAsked && DueAt <= now;
}
