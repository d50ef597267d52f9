using System.Buffers.Binary;

namespace Stun;

/// <summary>The values of MAPPED-ADDRESS and XOR-MAPPED-ADDRESS, and of all attributes that are encoded like them (RFC 8489 §14.1, §14.2).</summary>
public static class StunAddress
{
    /// <summary>The length of the longest value in bytes: that of an IPv6 address.</summary>
    public const int MaxLength = 20;

    private const byte FamilyIPv4 = 0x01;
    private const byte FamilyIPv6 = 0x02;

    /// <summary>Decodes a value in the way of MAPPED-ADDRESS.</summary>
    /// <returns>False when the family is unknown or the length is not that of the family.</returns>
    public static bool TryRead(ReadOnlySpan<byte> value, out TransportAddress address)
    {
        address = default;
        if (!IsWellFormed(value))
            return false;
        address = TransportAddress.FromBytes(value[4..], BinaryPrimitives.ReadUInt16BigEndian(value[2..]));
        return true;
    }

    /// <summary>The length of the value for an address in bytes: 8 for IPv4, 20 for IPv6.</summary>
    internal static int LengthOf(TransportAddress address) => 4 + address.AddressLength;

    internal static void Write(TransportAddress address, Span<byte> value)
    {
        // RFC 8489 §14.1: "The first 8 bits of the MAPPED-ADDRESS MUST be set to 0 and MUST be ignored by receivers."
        value[0] = 0;
        value[1] = address.IsIPv4 ? FamilyIPv4 : FamilyIPv6;
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)address.Port);
        _ = address.WriteAddress(value[4..]);
    }

    /// <param name="address">The address.</param>
    /// <param name="mask">Magic cookie and transaction id, the 16 bytes from offset 4 of the message.</param>
    /// <param name="value">As long as <see cref="LengthOf"/> says.</param>
    internal static void WriteXor(TransportAddress address, ReadOnlySpan<byte> mask, Span<byte> value)
    {
        Write(address, value);
        Mask(value, mask);
    }

    internal static bool TryReadXor(ReadOnlySpan<byte> value, ReadOnlySpan<byte> mask, out TransportAddress address)
    {
        address = default;
        if (!IsWellFormed(value))
            return false;
        Span<byte> plain = stackalloc byte[MaxLength];
        plain = plain[..value.Length];
        value.CopyTo(plain);
        Mask(plain, mask);
        return TryRead(plain, out address);
    }

    private static bool IsWellFormed(ReadOnlySpan<byte> value) =>
        // RFC 8489 §14.1: "If the address family is IPv4, the address MUST be 32 bits. If the address family is IPv6, the address MUST
        // be 128 bits."
        (value.Length == 8 && value[1] == FamilyIPv4) || (value.Length == MaxLength && value[1] == FamilyIPv6);

    private static void Mask(Span<byte> value, ReadOnlySpan<byte> mask)
    {
        // RFC 8489 §14.2: "X-Port is computed by XOR'ing the mapped port with the most significant 16 bits of the magic cookie."
        value[2] ^= mask[0];
        value[3] ^= mask[1];
        // RFC 8489 §14.2: "If the IP address family is IPv6, X-Address is computed by XOR'ing the mapped IP address with the
        // concatenation of the magic cookie and the 96-bit transaction ID."
        for (int index = 4; index < value.Length; index++)
            value[index] ^= mask[index - 4];
    }
}
