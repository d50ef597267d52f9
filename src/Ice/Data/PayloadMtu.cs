using Ice.Core;
using Stun;
using Turn;

namespace Ice;

/// <summary>How much application data one datagram is expected to carry without being fragmented. Sizes in bytes.</summary>
internal static class PayloadMtu
{
    /// <summary>What a path is taken for of which nothing is known.</summary>
    // RFC 8656 §3.7: "In this approach, the application MUST assume a Path MTU (PMTU) of 1280 bytes because IPv6 requires that every link in the
    // Internet has an MTU of 1280 octets or greater as specified in [RFC8200]."
    public const int Assumed = 1280;

    private const int UdpHeader = 8;
    private const int IPv4Headers = 20 + UdpHeader;
    private const int IPv6Headers = 40 + UdpHeader;

    // The greatest IPv4 packet, and the greatest payload of an IPv6 one.
    private const int IPv4Limit = ushort.MaxValue;
    private const int IPv6Limit = 40 + ushort.MaxValue;

    /// <summary>On a path without a relay of ours: what the system knows of it.</summary>
    /// <param name="pathMtu">The IP packet that the system takes the path for able to carry; null when it does not tell.</param>
    /// <param name="remote">Where to.</param>
    // RFC 8085 §3.2: "an application SHOULD either use the path MTU information provided by the IP layer or implement Path MTU
    // Discovery (PMTUD) itself"
    public static int Direct(int? pathMtu, TransportAddress remote) => remote.IsIPv4
        ? Math.Max(0, Math.Min(pathMtu ?? Assumed, IPv4Limit) - IPv4Headers)
        : Math.Max(0, Math.Min(pathMtu ?? Assumed, IPv6Limit) - IPv6Headers);

    /// <summary>Through a TURN server: nothing is known of the way from there to the peer, and the way to it carries TURN's framing too.</summary>
    /// <param name="pathMtu">The same, for the way to the server; null also where a stream leads to it.</param>
    /// <param name="isStream">Whether it does.</param>
    /// <param name="route">The way through the server.</param>
    public static int Relayed(int? pathMtu, bool isStream, RelayRoute route)
    {
        int beyond = Direct(null, route.Peer);
        if (isStream)
            return beyond;
        int room = Direct(pathMtu, route.Server.Remote);
        // XOR-PEER-ADDRESS and DATA with their headers, and the data padded to four bytes (RFC 8656 §11.1, RFC 8489 §14).
        int indication = StunMessage.HeaderLength + 4 + (route.Peer.IsIPv4 ? 8 : 20) + 4;
        room = route.Channel == 0 ? (room - indication) & ~3 : room - ChannelData.HeaderLength;
        return Math.Clamp(room, 0, beyond);
    }
}
