namespace Stun;

/// <summary>Why a datagram was not taken for a STUN message.</summary>
public enum StunParseError
{
    /// <summary>It was taken.</summary>
    None,

    /// <summary>It is shorter than a STUN header (20 bytes).</summary>
    TooShort,

    /// <summary>It is of another protocol: the first two bits are not zero, or the magic cookie is missing and RFC 3489 does not explain it either.</summary>
    NotStun,

    /// <summary>It is a message of the obsolete RFC 3489, which has no magic cookie. It is recognized and refused.</summary>
    Rfc3489,

    /// <summary>The message length is no multiple of 4, or differs from what the datagram holds.</summary>
    BadLength,

    /// <summary>An attribute reaches past the end of the message.</summary>
    AttributeOverrun,

    /// <summary>FINGERPRINT is present and its value or its length is wrong.</summary>
    BadFingerprint,

    /// <summary>FINGERPRINT is present and is not the last attribute.</summary>
    FingerprintNotLast,
}
