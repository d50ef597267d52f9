using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>Which of a host's addresses ICE gathers candidates from (RFC 8445 §5.1.1.1). Pure.</summary>
public static class HostAddressSelection
{
    /// <summary>Leaves out what must not be gathered, and duplicates; keeps the order.</summary>
    /// <param name="addresses">The host's addresses.</param>
    /// <param name="includeLoopback">Whether loopback addresses stay: for tests on one machine.</param>
    public static IReadOnlyList<HostAddress> Select(IReadOnlyList<HostAddress> addresses, bool includeLoopback)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        List<HostAddress> usable = [.. addresses.Where(address => IsUsable(address, includeLoopback)).DistinctBy(static address => address.Address)];
        return [.. usable.Where(address => !IsDisplaced(address, usable))];
    }

    /// <summary>Whether an address is on the same link as one of ours: of its network prefix, or link-local.</summary>
    internal static bool IsOnLink(HostAddress local, IPAddress address) =>
        address.AddressFamily == local.Address.AddressFamily && (IsLinkLocal(address) || SamePrefix(local, new HostAddress { Address = address }));

    private static bool IsUsable(HostAddress candidate, bool includeLoopback)
    {
        IPAddress address = candidate.Address;
        // RFC 8445 §5.1.1.1: "Addresses from a loopback interface MUST NOT be included in the candidate addresses."
        if (candidate.IsLoopback || IPAddress.IsLoopback(address))
            return includeLoopback && IPAddress.IsLoopback(address);
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return !address.Equals(IPAddress.Any) && address.GetAddressBytes()[0] < 224;
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return false;
        // RFC 8445 §5.1.1.1: "Deprecated IPv4-compatible IPv6 addresses [RFC4291] and IPv6 site-local unicast addresses [RFC3879] MUST NOT be included in the address candidates."
        // RFC 8445 §5.1.1.1: "IPv4-mapped IPv6 addresses SHOULD NOT be included in the address candidates"
        return !IsIPv4Compatible(address) && !address.IsIPv6SiteLocal && !address.IsIPv4MappedToIPv6 && !address.IsIPv6Multicast;
    }

    private static bool IsDisplaced(HostAddress candidate, List<HostAddress> all)
    {
        if (IsLinkLocal(candidate.Address))
            return all.Exists(other => DisplacesLinkLocal(other, candidate));
        return candidate.Address.AddressFamily == AddressFamily.InterNetworkV6 && all.Exists(other => DisplacesRoutable(other, candidate));
    }

    private static bool DisplacesLinkLocal(HostAddress other, HostAddress linkLocal)
    {
        if (IsLinkLocal(other.Address) || other.Address.AddressFamily != linkLocal.Address.AddressFamily)
            return false;
        // RFC 8445 §5.1.1.1: "when host candidates corresponding to an IPv6 address generated using a mechanism that prevents location tracking are gathered, then host candidates corresponding to IPv6 link-local addresses [RFC4291] MUST NOT be gathered."
        if (other.IsTemporary)
            return true;
        // Beyond the RFC: stable addresses may be opaque ones too (RFC 7217), which systems do not tell. Where an interface has a routable
        // address a link-local one adds pairs, and gives away the hardware address.
        return other.InterfaceName == linkLocal.InterfaceName && !IPAddress.IsLoopback(other.Address);
    }

    private static bool DisplacesRoutable(HostAddress other, HostAddress candidate)
    {
        if (other.InterfaceName != candidate.InterfaceName || IsLinkLocal(other.Address) || !SamePrefix(other, candidate) || other.IsDeprecated)
            return false;
        // RFC 8445 §5.1.1.1: "host candidates that correspond to IPv6 addresses that do allow location tracking, are configured on the same interface, and are part of the same network prefix MUST NOT be gathered."
        if (other.IsTemporary && !candidate.IsTemporary)
            return true;
        return candidate.IsDeprecated && other.IsTemporary == candidate.IsTemporary;
    }

    private static bool SamePrefix(HostAddress left, HostAddress right)
    {
        if (left.Address.AddressFamily != right.Address.AddressFamily)
            return false;
        ReadOnlySpan<byte> a = left.Address.GetAddressBytes();
        ReadOnlySpan<byte> b = right.Address.GetAddressBytes();
        // A prefix length of nothing or everything says nothing of the network: the usual length decides.
        int all = a.Length * 8;
        int bits = left.PrefixLength > 0 && left.PrefixLength < all ? left.PrefixLength : a.Length == 4 ? 24 : 64;
        int bytes = bits / 8;
        int rest = bits % 8;
        return a[..bytes].SequenceEqual(b[..bytes]) && (rest == 0 || (a[bytes] ^ b[bytes]) >> (8 - rest) == 0);
    }

    private static bool IsLinkLocal(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return address.IsIPv6LinkLocal;
        byte[] bytes = address.GetAddressBytes();
        return bytes[0] == 169 && bytes[1] == 254;
    }

    // ::/96, the unspecified address among them; the loopback address was dealt with before.
    private static bool IsIPv4Compatible(IPAddress address) => address.GetAddressBytes().AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0;
}
