namespace Stun;

/// <summary>The algorithms of the IANA registry "STUN Password Algorithms": how the HMAC key comes from a long-term password.</summary>
public enum PasswordAlgorithm : ushort
{
    /// <summary>MD5 (RFC 8489 §18.5.1.1), a key of 16 bytes. Only for compatibility with legacy systems.</summary>
    Md5 = 0x0001,

    /// <summary>SHA-256 (RFC 8489 §18.5.1.2), a key of 32 bytes.</summary>
    Sha256 = 0x0002,
}
