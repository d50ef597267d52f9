using Stun;

namespace Ice.Core;

/// <summary>The comprehension-required attributes that this agent understands, also where it has no use for them.</summary>
internal static class UnderstoodAttributes
{
    // A span property over an enumeration would be made anew at each call.
    private static readonly StunAttributeType[] s_all =
    [
        StunAttributeType.MappedAddress, StunAttributeType.Username, StunAttributeType.MessageIntegrity, StunAttributeType.ErrorCode,
        StunAttributeType.UnknownAttributes, StunAttributeType.Realm, StunAttributeType.Nonce, StunAttributeType.MessageIntegritySha256,
        StunAttributeType.PasswordAlgorithm, StunAttributeType.UserHash, StunAttributeType.XorMappedAddress, StunAttributeType.Priority,
        StunAttributeType.UseCandidate,
    ];

    /// <summary>
    /// RFC 8489 §6.3: "Known-but-unexpected attributes SHOULD be ignored by the agent." libnice, for one, puts USERNAME into its success
    /// responses.
    /// </summary>
    public static ReadOnlySpan<StunAttributeType> All => s_all;
}
