namespace Stun;

/// <summary>What a server said to the first request (RFC 5780 §4.2).</summary>
/// <param name="Server">The server.</param>
public sealed record NatServerAnswer(TransportAddress Server)
{
    /// <summary>Our address as the server sees it; none when it did not answer.</summary>
    public TransportAddress Mapped { get; init; }

    /// <summary>OTHER-ADDRESS, the server's second address and port; none when it has none that can be used.</summary>
    public TransportAddress Other { get; init; }

    /// <summary>The error code of its answer; 0 when it gave none.</summary>
    public int Code { get; init; }

    /// <summary>The round-trip time; null when it did not answer the first transmission.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Why the server, or its OTHER-ADDRESS, is of no use, in a sentence; null when there is nothing to say.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether it answered with our address.</summary>
    public bool Answered => !Mapped.IsNone;
}
