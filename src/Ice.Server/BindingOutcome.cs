namespace Ice.Server;

/// <summary>What a <see cref="BindingResponder"/> made of a datagram.</summary>
public enum BindingOutcome
{
    /// <summary>A Binding request: answered with the address that it came from.</summary>
    Success,

    /// <summary>A Binding request with unknown comprehension-required attributes: answered with 420 (RFC 8489 §6.3.1).</summary>
    UnknownAttributes,

    /// <summary>An indication: a keepalive that needs no answer (RFC 8489 §6.3.2).</summary>
    Indication,

    /// <summary>A success or error response: this server asks nothing, so nothing can be answered.</summary>
    UnexpectedResponse,

    /// <summary>A request of a method other than Binding: discarded (RFC 8489 §6.3).</summary>
    UnsupportedMethod,

    /// <summary>A message of RFC 3489, without the magic cookie: discarded, because its clients read MAPPED-ADDRESS only.</summary>
    Rfc3489,

    /// <summary>The FINGERPRINT is wrong: discarded (RFC 8489 §6.3).</summary>
    BadFingerprint,

    /// <summary>Shorter than a STUN header, or STUN by its first bits but not well-formed: discarded.</summary>
    Malformed,

    /// <summary>Not STUN at all: discarded.</summary>
    NotStun,

    /// <summary>The source is no address that an answer can be sent to (none, port 0, multicast): discarded.</summary>
    UnusableSource,
}
