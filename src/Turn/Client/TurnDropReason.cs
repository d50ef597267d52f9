namespace Turn;

/// <summary>Why a message was refused. Each refusal is counted (<see cref="TurnClient.GetDropCount"/>).</summary>
public enum TurnDropReason
{
    /// <summary>It came from another address than the server's.</summary>
    WrongSource,

    /// <summary>Not a well-formed STUN message (RFC 8489 §6.3), or a wrong FINGERPRINT.</summary>
    Malformed,

    /// <summary>A ChannelData message that is shorter than it claims.</summary>
    TruncatedChannelData,

    /// <summary>ChannelData on a channel that is not bound (RFC 8656 §12.6).</summary>
    UnknownChannel,

    /// <summary>Data of a peer for which the client has no permission (RFC 8656 §11.4, §12.6).</summary>
    NoPermission,

    /// <summary>An indication without a usable XOR-PEER-ADDRESS (RFC 8656 §11.4).</summary>
    NoPeerAddress,

    /// <summary>A Data indication without DATA and ICMP (RFC 8656 §11.4), or a ConnectionAttempt without CONNECTION-ID.</summary>
    NoData,

    /// <summary>It holds comprehension-required attributes that the client does not know (RFC 8489 §6.3).</summary>
    UnknownAttributes,

    /// <summary>A request, a method that TURN does not use, or an indication that goes the other way.</summary>
    Unexpected,

    /// <summary>A response to no transaction that is under way.</summary>
    UnknownTransaction,

    /// <summary>A response that is not authenticated although its request was.</summary>
    BadIntegrity,

    /// <summary>A response that is to be ignored for another reason (RFC 8489 §9.2.5).</summary>
    Ignored,

    /// <summary>There is no allocation, or the client is closed.</summary>
    NoAllocation,

    /// <summary>More events wait to be read than the client keeps.</summary>
    TooManyEvents,
}
