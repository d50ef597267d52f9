namespace Stun;

/// <summary>Which of the two message-integrity attributes a message carries or shall carry.</summary>
[Flags]
public enum StunIntegrity
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>MESSAGE-INTEGRITY: HMAC-SHA1 (RFC 8489 §14.5). What ICE uses.</summary>
    Sha1 = 1,

    /// <summary>MESSAGE-INTEGRITY-SHA256: HMAC-SHA256 (RFC 8489 §14.6).</summary>
    Sha256 = 2,

    /// <summary>Both, for a first request with short-term credentials to a peer about which nothing is known (RFC 8489 §9.1.2).</summary>
    Both = Sha1 | Sha256,
}
