namespace Stun;

/// <summary>The 24 bits of the IANA registry "STUN Security Features", which a server announces in the nonce cookie (RFC 8489 §9.2, §18.1).</summary>
/// <remarks>The registry counts from the most significant bit: its bit 0 is 0x800000 here.</remarks>
[Flags]
public enum StunSecurityFeatures
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Bit 0, Password algorithms: the challenge carries PASSWORD-ALGORITHMS.</summary>
    PasswordAlgorithms = 1 << 23,

    /// <summary>Bit 1, Username anonymity: requests carry USERHASH, not USERNAME.</summary>
    UsernameAnonymity = 1 << 22,
}
