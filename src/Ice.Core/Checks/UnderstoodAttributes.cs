using Stun;

namespace Ice.Core;

/// <summary>The comprehension-required attributes that this agent understands, also where it has no use for them.</summary>
internal static class UnderstoodAttributes
{
    /// <summary>
    /// RFC 8489 §6.3: "Known-but-unexpected attributes SHOULD be ignored by the agent." libnice, for one, puts USERNAME into its success
    /// responses.
    /// </summary>
    public static ReadOnlySpan<StunAttributeType> All =>
    [
        StunAttributeType.MappedAddress, StunAttributeType.Username, StunAttributeType.MessageIntegrity, StunAttributeType.ErrorCode,
        StunAttributeType.UnknownAttributes, StunAttributeType.Realm, StunAttributeType.Nonce, StunAttributeType.MessageIntegritySha256,
        StunAttributeType.PasswordAlgorithm, StunAttributeType.UserHash, StunAttributeType.XorMappedAddress, StunAttributeType.Priority,
        StunAttributeType.UseCandidate,
    ];
}
