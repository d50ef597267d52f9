namespace Stun;

/// <summary>The schemes of RFC 7064 and RFC 7065.</summary>
public enum StunScheme
{
    /// <summary>A STUN server (RFC 7064).</summary>
    Stun,

    /// <summary>A STUN server over TLS or DTLS (RFC 7064).</summary>
    Stuns,

    /// <summary>A TURN server (RFC 7065).</summary>
    Turn,

    /// <summary>A TURN server over TLS or DTLS (RFC 7065).</summary>
    Turns,
}
