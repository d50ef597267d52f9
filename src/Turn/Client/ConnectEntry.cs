using Stun;

namespace Turn;

/// <summary>A peer that the server is or was asked to connect to over TCP.</summary>
internal sealed class ConnectEntry(TransportAddress peer)
{
    public TransportAddress Peer { get; } = peer;

    /// <summary>Whether the owner waits for the outcome.</summary>
    public bool IsWanted { get; set; } = true;

    /// <summary>Whether a request for it waits or is under way.</summary>
    public bool IsAsked { get; set; }

    /// <summary>Before when the server is not to be asked (again).</summary>
    public Instant NotBefore { get; set; } = Instant.Zero;
}
