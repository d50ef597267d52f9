using Stun;

namespace Turn;

/// <summary>The path between a client and the server, by which a message belongs to an allocation (RFC 8656 §3.2).</summary>
/// <param name="Transport">UDP, or TCP with or without TLS.</param>
/// <param name="Client">The client's address as the server sees it.</param>
/// <param name="Server">The address of the server that the client uses.</param>
public readonly record struct FiveTuple(StunTransport Transport, TransportAddress Client, TransportAddress Server)
{
    /// <summary>Whether a stream carries the messages: nothing is lost, and ChannelData is padded.</summary>
    public bool IsStream => Transport == StunTransport.Tcp;

    /// <inheritdoc/>
    public override string ToString() => $"{Client} -> {Server}/{(IsStream ? "tcp" : "udp")}";
}
