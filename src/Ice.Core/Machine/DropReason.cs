namespace Ice.Core;

/// <summary>Why a STUN message was refused. Each refusal is counted (<see cref="IceCore.GetDropCount"/>).</summary>
public enum DropReason
{
    /// <summary>Not a well-formed STUN message (RFC 8489 §6.3).</summary>
    Malformed,

    /// <summary>An RFC 3489 message, without the magic cookie.</summary>
    Rfc3489,

    /// <summary>The FINGERPRINT is wrong (RFC 8489 §14.7).</summary>
    BadFingerprint,

    /// <summary>A request without FINGERPRINT: ICE requires it (RFC 8445 §7.1).</summary>
    NoFingerprint,

    /// <summary>A request without USERNAME or MESSAGE-INTEGRITY; answered with 400.</summary>
    MissingCredentials,

    /// <summary>The USERNAME is not ours; answered with 401.</summary>
    UnknownUsername,

    /// <summary>The MESSAGE-INTEGRITY does not verify; a request is answered with 401.</summary>
    BadIntegrity,

    /// <summary>A request carries unknown comprehension-required attributes; answered with 420.</summary>
    UnknownAttributes,

    /// <summary>A request lacks PRIORITY, its PRIORITY or role is malformed, or it nominates what is over; answered with 400.</summary>
    BadRequest,

    /// <summary>A response to no transaction that is under way.</summary>
    UnknownTransaction,

    /// <summary>A response from another address than the request went to (RFC 8445 §7.2.5.2.1).</summary>
    WrongSource,

    /// <summary>A success response without a usable XOR-MAPPED-ADDRESS.</summary>
    NoMappedAddress,

    /// <summary>A method that ICE does not use.</summary>
    UnexpectedMethod,

    /// <summary>It came to a base that the agent does not have.</summary>
    UnknownBase,

    /// <summary>A limit was reached: early checks, peer-reflexive candidates or pairs.</summary>
    LimitReached,

    /// <summary>A TURN message that the client of that server refused, or one without a client.</summary>
    RefusedByRelay,

    /// <summary>It came directly to an agent that uses relayed candidates alone.</summary>
    RelayOnly,

    /// <summary>The agent is closed.</summary>
    Closed,
}
