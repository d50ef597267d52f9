using System.Net;
using Stun;

namespace IceTool.Turn;

/// <summary>What a server did over one transport. What was not reached is null.</summary>
internal sealed record TurnProbeResult(TurnPath Path, string Server)
{
    /// <summary>Whether data went through the relay and back.</summary>
    public bool Worked => Reason is null;

    /// <summary>Why not.</summary>
    public string? Reason { get; init; }

    /// <summary>The server's error code; 0 where it gave none.</summary>
    public int Code { get; init; }

    /// <summary>How long it took to connect and to allocate.</summary>
    public TimeSpan? Allocated { get; init; }

    public TransportAddress Relayed { get; init; }

    public TransportAddress Mapped { get; init; }

    public IPEndPoint? Local { get; init; }

    public TimeSpan? Lifetime { get; init; }

    /// <summary>Who sent the data back.</summary>
    public string? Peer { get; init; }

    /// <summary>Why it was not a second relay.</summary>
    public string? PeerNote { get; init; }

    public RoundTrips? RoundTrips { get; init; }

    public Throughput? Throughput { get; init; }
}
