using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Stun;

namespace Ice.Server;

/// <summary>Reads and writes the system's socket addresses (struct sockaddr_in, sockaddr_in6) without an allocation.</summary>
internal static class SocketAddressConverter
{
    /// <summary>The address in <paramref name="address"/>; none when it is neither IPv4 nor IPv6.</summary>
    public static TransportAddress ToTransportAddress(SocketAddress address)
    {
        ReadOnlySpan<byte> bytes = address.Buffer.Span[..address.Size];
        return address.Family switch
        {
            AddressFamily.InterNetwork when bytes.Length >= 8 => TransportAddress.FromBytes(bytes.Slice(4, 4), PortOf(bytes)),
            AddressFamily.InterNetworkV6 when bytes.Length >= 28 =>
                TransportAddress.FromBytes(bytes.Slice(8, 16), PortOf(bytes), MemoryMarshal.Read<uint>(bytes[24..])),
            _ => TransportAddress.None,
        };
    }

    /// <summary>Writes an address into one of the same family.</summary>
    public static void Write(TransportAddress address, SocketAddress destination)
    {
        Span<byte> bytes = destination.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)address.Port);
        if (address.IsIPv4)
        {
            _ = address.WriteAddress(bytes[4..]);
            return;
        }

        bytes.Slice(4, 4).Clear();
        _ = address.WriteAddress(bytes[8..]);
        uint scope = address.ScopeId;
        MemoryMarshal.Write(bytes[24..], in scope);
    }

    private static ushort PortOf(ReadOnlySpan<byte> sockaddr) => BinaryPrimitives.ReadUInt16BigEndian(sockaddr[2..]);
}
