namespace Stun;

/// <summary>The class of a STUN message, as the 2-bit value C1C0 of RFC 8489 §5.</summary>
public enum StunClass : byte
{
    /// <summary>A message that asks for a response.</summary>
    Request = 0b00,

    /// <summary>A message that gets no response.</summary>
    Indication = 0b01,

    /// <summary>The response of an agent that did what the request asked for.</summary>
    SuccessResponse = 0b10,

    /// <summary>The response of an agent that refused the request; it carries ERROR-CODE.</summary>
    ErrorResponse = 0b11,
}
