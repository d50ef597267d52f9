namespace Turn;

/// <summary>Why a server dropped a message or a datagram without an answer.</summary>
public enum TurnServerDrop
{
    /// <summary>Neither STUN nor ChannelData.</summary>
    NotTurn,

    /// <summary>STUN by its first bits, but not well-formed, or of RFC 3489.</summary>
    Malformed,

    /// <summary>A wrong FINGERPRINT.</summary>
    BadFingerprint,

    /// <summary>A method that the server does not have, or in a class that the method does not have.</summary>
    UnknownMethod,

    /// <summary>A response, or an indication that only servers send.</summary>
    Unexpected,

    /// <summary>From an address that nothing can be sent to.</summary>
    UnusableSource,

    /// <summary>A request without credentials, beyond the number of challenges per second for its source.</summary>
    ChallengeLimit,

    /// <summary>An indication or ChannelData on a path without an allocation.</summary>
    NoAllocation,

    /// <summary>A Send indication without a valid XOR-PEER-ADDRESS or DATA, or with an unknown comprehension-required attribute.</summary>
    InvalidSend,

    /// <summary>ChannelData that is cut short, or whose number is out of range.</summary>
    InvalidChannelData,

    /// <summary>ChannelData on a channel that is not bound.</summary>
    UnboundChannel,

    /// <summary>To or from a peer for which there is no permission.</summary>
    NoPermission,

    /// <summary>To a peer that the policy forbids.</summary>
    ForbiddenPeer,

    /// <summary>Beyond the bytes per second of the allocation.</summary>
    Bandwidth,

    /// <summary>At a relay that is not, or no longer, open.</summary>
    UnknownRelay,

    /// <summary>Too long to be put into an indication.</summary>
    TooLong,

    /// <summary>An ICMP message that is not relayed.</summary>
    Icmp,

    /// <summary>A reply for which the driver has left no room.</summary>
    ReplyQueueFull,

    /// <summary>A connection of a peer that was not accepted: no permission, or too many.</summary>
    PeerConnection,

    /// <summary>A message on a connection that carries data only (RFC 6062 §3).</summary>
    DataConnection,
}
