using System.Buffers.Binary;
using Stun;

namespace Turn;

/// <summary>The attributes of TURN and its extensions, read and written with their types (RFC 8656 §18, RFC 6062 §6.2, RFC 7635 §6, RFC 8016 §3.3).</summary>
/// <remarks>Reading never throws: a value of the wrong length or out of its range reads as absent. Nothing allocates, except for texts.</remarks>
public static partial class TurnAttributes
{
    private const byte ReserveNextPort = 0x80;
    private const int AddressErrorHeaderLength = 4;

    /// <summary>LIFETIME: how long the allocation lives, in seconds.</summary>
    public static bool TryGetLifetime(this scoped in StunMessage message, out TimeSpan lifetime)
    {
        bool found = message.TryGetUInt32(StunAttributeType.Lifetime, out uint seconds);
        lifetime = TimeSpan.FromSeconds(seconds);
        return found;
    }

    /// <summary>REQUESTED-TRANSPORT: the protocol between the server and the peers, possibly one without a name in <see cref="TurnTransport"/>.</summary>
    public static bool TryGetRequestedTransport(this scoped in StunMessage message, out TurnTransport transport)
    {
        // RFC 8656 §18.8: "The RFFU field MUST be set to zero on transmission and MUST be ignored on reception."
        bool found = message.TryGetUInt32(StunAttributeType.RequestedTransport, out uint value);
        transport = (TurnTransport)(value >> 24);
        return found;
    }

    /// <summary>REQUESTED-ADDRESS-FAMILY, if it is IPv4 or IPv6.</summary>
    public static bool TryGetRequestedAddressFamily(this scoped in StunMessage message, out TurnAddressFamily family) =>
        TryGetFamily(message, StunAttributeType.RequestedAddressFamily, out family);

    /// <summary>ADDITIONAL-ADDRESS-FAMILY, if it is IPv4 or IPv6; only IPv6 is valid in a request.</summary>
    public static bool TryGetAdditionalAddressFamily(this scoped in StunMessage message, out TurnAddressFamily family) =>
        TryGetFamily(message, StunAttributeType.AdditionalAddressFamily, out family);

    /// <summary>EVEN-PORT, and whether the next higher port is to be reserved.</summary>
    public static bool TryGetEvenPort(this scoped in StunMessage message, out bool reserveNext)
    {
        reserveNext = false;
        if (!message.TryGet(StunAttributeType.EvenPort, out ReadOnlySpan<byte> value) || value.Length != 1)
            return false;
        reserveNext = (value[0] & ReserveNextPort) != 0;
        return true;
    }

    /// <summary>RESERVATION-TOKEN: 8 bytes.</summary>
    public static bool TryGetReservationToken(this scoped in StunMessage message, out ulong token) =>
        message.TryGetUInt64(StunAttributeType.ReservationToken, out token);

    /// <summary>CHANNEL-NUMBER, whatever its range.</summary>
    public static bool TryGetChannelNumber(this scoped in StunMessage message, out ushort number)
    {
        bool found = message.TryGetUInt32(StunAttributeType.ChannelNumber, out uint value);
        number = (ushort)(value >> 16);
        return found;
    }

    /// <summary>XOR-PEER-ADDRESS: the first one.</summary>
    public static bool TryGetPeer(this scoped in StunMessage message, out TransportAddress peer) =>
        message.TryGetXorAddress(StunAttributeType.XorPeerAddress, out peer);

    /// <summary>The one or two XOR-RELAYED-ADDRESS attributes.</summary>
    /// <param name="message">An Allocate success response.</param>
    /// <param name="ipv4">The relayed IPv4 address; none if there is none.</param>
    /// <param name="ipv6">The relayed IPv6 address; none if there is none.</param>
    /// <returns>False when there is none at all, or when one cannot be read.</returns>
    public static bool TryGetRelayed(this scoped in StunMessage message, out TransportAddress ipv4, out TransportAddress ipv6)
    {
        ipv4 = default;
        ipv6 = default;
        foreach (StunAttribute attribute in message)
        {
            if (attribute.Type != StunAttributeType.XorRelayedAddress)
                continue;
            if (!message.TryReadXorAddress(attribute.Value, out TransportAddress address))
                return false;
            if (address.IsIPv4 && ipv4.IsNone)
                ipv4 = address;
            else if (address.IsIPv6 && ipv6.IsNone)
                ipv6 = address;
        }

        return !ipv4.IsNone || !ipv6.IsNone;
    }

    /// <summary>ICMP: why a datagram did not reach the peer.</summary>
    public static bool TryGetIcmp(this scoped in StunMessage message, out TurnIcmp icmp)
    {
        bool found = message.TryGetUInt64(StunAttributeType.Icmp, out ulong value);
        icmp = new TurnIcmp((byte)(value >> 40), (byte)(value >> 32), (uint)value);
        return found;
    }

    /// <summary>ADDRESS-ERROR-CODE: which family was not allocated, and why.</summary>
    public static bool TryGetAddressErrorCode(this scoped in StunMessage message, out TurnAddressFamily family, out int code)
    {
        family = default;
        code = 0;
        if (!message.TryGet(StunAttributeType.AddressErrorCode, out ReadOnlySpan<byte> value) || value.Length < AddressErrorHeaderLength)
            return false;
        int hundreds = value[2] & 7;
        if (hundreds is < 3 or > 6 || value[3] > 99 || value[0] is not (1 or 2))
            return false;
        family = (TurnAddressFamily)value[0];
        code = (hundreds * 100) + value[3];
        return true;
    }

    /// <summary>CONNECTION-ID (RFC 6062 §6.2.1).</summary>
    public static bool TryGetConnectionId(this scoped in StunMessage message, out uint connectionId) =>
        message.TryGetUInt32(StunAttributeType.ConnectionId, out connectionId);

    /// <summary>MOBILITY-TICKET (RFC 8016 §3.3): empty in a request for a ticket.</summary>
    public static bool TryGetMobilityTicket(this in StunMessage message, out ReadOnlySpan<byte> ticket) =>
        message.TryGet(StunAttributeType.MobilityTicket, out ticket);

    /// <summary>ACCESS-TOKEN (RFC 7635 §6.2).</summary>
    public static bool TryGetAccessToken(this in StunMessage message, out ReadOnlySpan<byte> token) =>
        message.TryGet(StunAttributeType.AccessToken, out token);

    /// <summary>THIRD-PARTY-AUTHORIZATION (RFC 7635 §6.1): the server's name.</summary>
    public static bool TryGetThirdPartyAuthorization(this scoped in StunMessage message, out string serverName) =>
        message.TryGetText(StunAttributeType.ThirdPartyAuthorization, out serverName);

    private static bool TryGetFamily(scoped in StunMessage message, StunAttributeType type, out TurnAddressFamily family)
    {
        family = default;
        // RFC 8656 §18.6: "the 24 bits in the Reserved field MUST be set to zero by the client and MUST be ignored by the server."
        if (!message.TryGetUInt32(type, out uint value) || (value >> 24) is not (1 or 2))
            return false;
        family = (TurnAddressFamily)(value >> 24);
        return true;
    }
}
