using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Stun;

namespace Ice;

/// <summary>Reads and writes the operating system's socket addresses without allocating.</summary>
/// <remarks>
/// Port and address lie at the same offsets of sockaddr_in and sockaddr_in6 on every system that .NET runs on. Zones (scope ids) are the
/// sockets' business: the agent's own addresses have none, because none travel in candidates or messages.
/// </remarks>
internal static class SocketAddressCodec
{
    private const int PortOffset = 2;
    private const int IPv4Offset = 4;
    private const int IPv6Offset = 8;
    private const int IPv6ScopeOffset = 24;

    /// <summary>The address and port; None for another family.</summary>
    public static TransportAddress Read(SocketAddress address)
    {
        ReadOnlySpan<byte> bytes = address.Buffer.Span;
        int port = BinaryPrimitives.ReadUInt16BigEndian(bytes[PortOffset..]);
        return address.Family switch
        {
            AddressFamily.InterNetwork => TransportAddress.FromBytes(bytes.Slice(IPv4Offset, 4), port),
            AddressFamily.InterNetworkV6 => TransportAddress.FromBytes(bytes.Slice(IPv6Offset, 16), port),
            _ => TransportAddress.None,
        };
    }

    /// <summary>The address and port of an address whose family is known; asking for that costs as much as all the rest.</summary>
    public static TransportAddress Read(SocketAddress address, bool isIPv4)
    {
        ReadOnlySpan<byte> bytes = address.Buffer.Span;
        int port = BinaryPrimitives.ReadUInt16BigEndian(bytes[PortOffset..]);
        return TransportAddress.FromBytes(isIPv4 ? bytes.Slice(IPv4Offset, 4) : bytes.Slice(IPv6Offset, 16), port);
    }

    /// <summary>Writes a destination into an address of the same family.</summary>
    /// <param name="value">The destination.</param>
    /// <param name="address">What to write into.</param>
    /// <param name="scopeId">The zone for a link-local destination: that of the sending socket.</param>
    public static void Write(TransportAddress value, SocketAddress address, uint scopeId)
    {
        Span<byte> bytes = address.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[PortOffset..], (ushort)value.Port);
        if (value.IsIPv4)
        {
            value.WriteAddress(bytes[IPv4Offset..]);
            return;
        }

        value.WriteAddress(bytes[IPv6Offset..]);
        uint scope = value.IsLinkLocal ? scopeId : 0;
        MemoryMarshal.Write(bytes[IPv6ScopeOffset..], in scope);
    }

    /// <summary>A new address for a destination.</summary>
    public static SocketAddress Create(TransportAddress value, uint scopeId)
    {
        SocketAddress address = new(value.IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6);
        Write(value, address, scopeId);
        return address;
    }
}
