namespace Stun;

/// <summary>Tells by the first byte of a datagram which protocol it belongs to (RFC 7983 §7, updated by RFC 9443 §3).</summary>
public static class Demultiplexer
{
    /// <summary>Classifies a datagram. Never throws; an empty datagram is <see cref="PacketKind.Unknown"/>.</summary>
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
