using Stun;

namespace Turn;

/// <summary>The comprehension-required attributes that a server understands; a request with another one gets 420 (RFC 8489 §6.3.1).</summary>
internal static class KnownAttributes
{
    private static readonly StunAttributeType[] s_all =
    [
        StunAttributeType.MappedAddress, StunAttributeType.Username, StunAttributeType.ErrorCode, StunAttributeType.UnknownAttributes,
        StunAttributeType.Realm, StunAttributeType.Nonce, StunAttributeType.PasswordAlgorithm, StunAttributeType.UserHash, StunAttributeType.XorMappedAddress,
        StunAttributeType.ChangeRequest, StunAttributeType.Padding, StunAttributeType.ResponsePort,
        StunAttributeType.ChannelNumber, StunAttributeType.Lifetime, StunAttributeType.XorPeerAddress, StunAttributeType.Data,
        StunAttributeType.XorRelayedAddress, StunAttributeType.RequestedAddressFamily, StunAttributeType.EvenPort,
        StunAttributeType.RequestedTransport, StunAttributeType.ReservationToken, StunAttributeType.ConnectionId,
        StunAttributeType.DontFragment, StunAttributeType.AccessToken,
    ];

    /// <summary>Those of a server.</summary>
    /// <param name="dontFragment">Whether it can set the DF bit.</param>
    /// <param name="accessToken">Whether it takes access tokens.</param>
    // RFC 8656 §7.2: "If it does, but the server does not support sending UDP datagrams with the DF bit set to 1 (see Sections 14 and 15), then
    // the server treats the DONT-FRAGMENT attribute in the Allocate request as an unknown comprehension-required attribute."
    // RFC 7635 §7: "If a STUN server receives an ACCESS-TOKEN attribute unexpectedly (because it had not previously sent out a
    // THIRD-PARTY-AUTHORIZATION), it will respond with an error code of 420 (Unknown Attribute)".
    public static StunAttributeType[] For(bool dontFragment, bool accessToken) =>
        [.. s_all.Where(t => (dontFragment || t != StunAttributeType.DontFragment) && (accessToken || t != StunAttributeType.AccessToken))];
}
