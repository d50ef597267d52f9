namespace Stun;

/// <summary>The protocols that share one transport address in WebRTC (RFC 7983, RFC 9443).</summary>
public enum PacketKind
{
    /// <summary>None of the protocols below; to be dropped.</summary>
    Unknown,

    /// <summary>STUN: first byte 0 to 3.</summary>
    Stun,

    /// <summary>ZRTP: first byte 16 to 19.</summary>
    Zrtp,

    /// <summary>DTLS: first byte 20 to 63.</summary>
    Dtls,

    /// <summary>ChannelData of TURN: first byte 64 to 79. From anything but a TURN server it is QUIC (RFC 9443 §3).</summary>
    TurnChannel,

    /// <summary>RTP: first byte 128 to 191.</summary>
    Rtp,

    /// <summary>RTCP: first byte 128 to 191, second byte 192 to 223 (RFC 5761 §4).</summary>
    Rtcp,

    /// <summary>QUIC: first byte 80 to 127 or 192 to 255 (RFC 9443 §3).</summary>
    Quic,
}
