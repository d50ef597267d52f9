using Stun;

namespace Turn;

/// <summary>A channel number and the peer that it stands for (RFC 8656 §12).</summary>
internal sealed class Channel(ushort number, TransportAddress peer, Relay relay)
{
    public ushort Number { get; } = number;

    public TransportAddress Peer { get; } = peer;

    public Relay Relay { get; } = relay;

    public Instant Expiry { get; set; }
}
