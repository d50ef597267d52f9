namespace Stun;

/// <summary>Tells by the first byte of a datagram which protocol it belongs to (RFC 7983 §7, updated by RFC 9443 §3).</summary>
public static class Demultiplexer
{
    /// <summary>Classifies a datagram by where it came from. Never throws; an empty datagram is <see cref="PacketKind.Unknown"/>.</summary>
    /// <param name="datagram">The datagram.</param>
    /// <param name="fromTurnServer">
    /// Whether a TURN server that we use sent it; never for what an ICE agent hands to the application, which has TURN's framing taken off.
    /// </param>
    // RFC 9443 §3: "If the value is between 64 and 79 (inclusive) and the packet has a source IP address and port of a responding TURN server,
    // then the packet is TURN channel; if the source IP address and port are not that of a responding TURN server, then the packet is QUIC."
    public static PacketKind Classify(ReadOnlySpan<byte> datagram, bool fromTurnServer) =>
        Classify(datagram) is var kind && kind == PacketKind.TurnChannel && !fromTurnServer ? PacketKind.Quic : kind;

    /// <summary>Classifies a datagram that may have come from a TURN server. Never throws; an empty datagram is <see cref="PacketKind.Unknown"/>.</summary>
    public static PacketKind Classify(ReadOnlySpan<byte> datagram)
    {
        if (datagram.IsEmpty)
            return PacketKind.Unknown;
        return datagram[0] switch
        {
            <= 3 => PacketKind.Stun,
            <= 15 => PacketKind.Unknown,
            <= 19 => PacketKind.Zrtp,
            <= 63 => PacketKind.Dtls,
            <= 79 => PacketKind.TurnChannel,
            <= 127 => PacketKind.Quic,
            <= 191 => datagram.Length > 1 && datagram[1] is >= 192 and <= 223 ? PacketKind.Rtcp : PacketKind.Rtp,
            _ => PacketKind.Quic,
        };
    }
}
