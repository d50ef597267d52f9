using System.Buffers.Binary;
using Stun;

namespace Turn;

/// <summary>What a server relays, to whom, and how much of it (RFC 8656 §7.2, §10.2, §21.3). Immutable; the defaults suit a public server.</summary>
public sealed record RelayPolicy
{
    /// <summary>Whether peers at 127.0.0.0/8 and ::1 are allowed: only for tests and demos on one machine.</summary>
    public bool AllowLoopback { get; init; }

    /// <summary>Whether peers at private addresses are allowed: RFC 1918, RFC 6598, RFC 4193.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>Whether peers at link-local addresses are allowed.</summary>
    public bool AllowLinkLocal { get; init; }

    /// <summary>Whether any port of the server's own addresses is allowed; otherwise only the relayed addresses that it has allocated.</summary>
    public bool AllowOwnAddresses { get; init; }

    /// <summary>A further condition on a peer's address (the port is 0 when only the address is asked for); null allows all. It may not throw.</summary>
    public Func<TransportAddress, bool>? PeerFilter { get; init; }

    /// <summary>Whether relays over UDP are given out.</summary>
    public bool AllowUdp { get; init; } = true;

    /// <summary>Whether relays over TCP (RFC 6062) are given out.</summary>
    public bool AllowTcp { get; init; } = true;

    /// <summary>Whether clients may take an allocation along to another address (RFC 8016).</summary>
    public bool AllowMobility { get; init; } = true;

    /// <summary>
    /// Whether clients of RFC 5766 may bind the channel numbers 0x5000 to 0x7FFF too. RFC 8656 has taken these away, and the server answers 400 by
    /// default; coturn's client programs use them.
    /// </summary>
    public bool AllowLegacyChannels { get; init; }

    /// <summary>How many allocations there may be at one time, of all users together.</summary>
    public int MaxAllocations { get; init; } = 1000;

    /// <summary>How many allocations one user may have at one time.</summary>
    public int MaxAllocationsPerUser { get; init; } = 100;

    /// <summary>How many peer addresses one allocation may have permissions for at one time.</summary>
    public int MaxPermissions { get; init; } = 256;

    /// <summary>How many channels one allocation may have bound at one time.</summary>
    public int MaxChannels { get; init; } = 256;

    /// <summary>How many connections with peers one allocation may have at one time (RFC 6062).</summary>
    public int MaxPeerConnections { get; init; } = 64;

    /// <summary>How many ports may be reserved for a later allocation at one time.</summary>
    public int MaxReservations { get; init; } = 100;

    /// <summary>How many bytes per second one allocation may relay, both directions together, over any second or so; 0 sets no limit.</summary>
    public long MaxBytesPerSecond { get; init; }

    /// <summary>
    /// How many requests without credentials are answered with a challenge per second and source address, over UDP; 0 sets no limit. A
    /// forged source address then brings its owner no more than this.
    /// </summary>
    public int MaxChallengesPerSecond { get; init; } = 50;

    internal bool IsChannel(int number) => number >= TurnDefaults.MinChannelNumber && number <= (AllowLegacyChannels ? 0x7FFF : TurnDefaults.MaxChannelNumber);

    /// <summary>Whether an address may be a peer. What the server's own addresses are, it does not know.</summary>
    public bool IsPeerAllowed(TransportAddress peer)
    {
        if (peer.IsNone || peer.IsAny || peer.IsMulticast || IsReserved(peer))
            return false;
        if (peer.IsLoopback)
            return AllowLoopback && IsFilterPassed(peer);
        if ((peer.IsPrivate && !AllowPrivate) || (peer.IsLinkLocal && !AllowLinkLocal))
            return false;
        if (IsTunneled(peer))
            return false;
        return (!TryGetEmbedded(peer, out TransportAddress inner) || IsPeerAllowed(inner)) && IsFilterPassed(peer);
    }

    /// <summary>Whether an address is one of a tunnel that can be abused for amplification: Teredo or 6to4.</summary>
    // RFC 8656 §21.4: "In particular, a TURN server MUST NOT accept Teredo or 6to4 addresses in these requests."
    internal static bool IsTunneled(TransportAddress address)
    {
        if (!address.IsIPv6)
            return false;
        Span<byte> bytes = stackalloc byte[16];
        _ = address.WriteAddress(bytes);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes) == 0x2001_0000 || BinaryPrimitives.ReadUInt16BigEndian(bytes) == 0x2002;
    }

    // 0.0.0.0/8 ("this network") and 240.0.0.0/4 lead nowhere, or to places that the system chooses.
    private static bool IsReserved(TransportAddress peer)
    {
        if (!peer.IsIPv4)
            return false;
        Span<byte> bytes = stackalloc byte[4];
        _ = peer.WriteAddress(bytes);
        return bytes[0] is 0 or >= 240;
    }

    // A translator on the way makes 64:ff9b::/96 (RFC 6052) and ::/96 the IPv4 address in their last 4 bytes: what is refused as IPv4 must
    // not be reached so.
    private static bool TryGetEmbedded(TransportAddress peer, out TransportAddress inner)
    {
        inner = default;
        if (!peer.IsIPv6)
            return false;
        Span<byte> bytes = stackalloc byte[16];
        _ = peer.WriteAddress(bytes);
        ulong high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        bool middle = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]) == 0;
        if (!middle || high is not (0 or 0x0064_FF9B_0000_0000))
            return false;
        inner = TransportAddress.FromBytes(bytes[12..], peer.Port);
        return true;
    }

    private bool IsFilterPassed(TransportAddress peer) => PeerFilter is null || PeerFilter(peer);
}
