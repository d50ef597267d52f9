using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Stun;

/// <summary>An IP address and a port as a value: 24 bytes, no allocation, cheap to compare and to hash.</summary>
/// <remarks>
/// An IPv4-mapped IPv6 address (<c>::ffff:a.b.c.d</c>) becomes the IPv4 address that it means: dual-mode sockets report their peers so.
/// The zone of an IPv6 link-local address is kept, because without it the address names nothing. The default value is <see cref="None"/>.
/// </remarks>
public readonly struct TransportAddress : IEquatable<TransportAddress>
{
    private readonly ulong _high;
    private readonly ulong _low;
    private readonly uint _scope;
    private readonly ushort _port;
    private readonly AddressKind _kind;

    private TransportAddress(AddressKind kind, ulong high, ulong low, ushort port, uint scope)
    {
        _kind = kind;
        _high = high;
        _low = low;
        _port = port;
        _scope = scope;
    }

    private enum AddressKind : byte
    {
        None,
        IPv4,
        IPv6,
    }

    /// <summary>No address at all.</summary>
    public static TransportAddress None => default;

    /// <summary>Whether this is <see cref="None"/>.</summary>
    public bool IsNone => _kind == AddressKind.None;

    /// <summary>Whether this is an IPv4 address.</summary>
    public bool IsIPv4 => _kind == AddressKind.IPv4;

    /// <summary>Whether this is an IPv6 address.</summary>
    public bool IsIPv6 => _kind == AddressKind.IPv6;

    /// <summary>The port, 0 to 65535.</summary>
    public int Port => _port;

    /// <summary>The zone (interface index) of an IPv6 link-local address; 0 where there is none.</summary>
    public uint ScopeId => _scope;

    /// <summary>Whether this is an address of 127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => IsIPv4 ? (_low >> 24) == 127 : IsIPv6 && _high == 0 && _low == 1;

    /// <summary>Whether this is the unspecified address, 0.0.0.0 or ::.</summary>
    public bool IsAny => !IsNone && _high == 0 && _low == 0;

    /// <summary>Whether this is an address of 169.254.0.0/16 or fe80::/10.</summary>
    public bool IsLinkLocal => IsIPv4 ? (_low >> 16) == 0xA9FE : IsIPv6 && (_high >> 54) == 0x3FA;

    /// <summary>Whether this is a multicast address (224.0.0.0/4, ff00::/8) or the IPv4 broadcast address.</summary>
    public bool IsMulticast => IsIPv4 ? (_low >> 28) == 0xE || _low == 0xFFFF_FFFF : IsIPv6 && (_high >> 56) == 0xFF;

    /// <summary>Whether this is a private address: RFC 1918, RFC 6598 (100.64.0.0/10) or RFC 4193 (fc00::/7).</summary>
    public bool IsPrivate => IsIPv4
        ? (_low >> 24) == 10 || (_low >> 20) == 0xAC1 || (_low >> 16) == 0xC0A8 || (_low >> 22) == 0x191
        : IsIPv6 && (_high >> 57) == 0x7E;

    /// <summary>The length of the address in bytes: 4, 16, or 0 for <see cref="None"/>.</summary>
    public int AddressLength => _kind switch { AddressKind.IPv4 => 4, AddressKind.IPv6 => 16, _ => 0 };

    /// <summary>Makes an address from 4 or 16 bytes in network order.</summary>
    /// <exception cref="ArgumentException"><paramref name="address"/> has another length, or the port is out of range.</exception>
    public static TransportAddress FromBytes(ReadOnlySpan<byte> address, int port, uint scopeId = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        switch (address.Length)
        {
            case 4:
                return new TransportAddress(AddressKind.IPv4, 0, BinaryPrimitives.ReadUInt32BigEndian(address), (ushort)port, 0);
            case 16:
                ulong high = BinaryPrimitives.ReadUInt64BigEndian(address);
                ulong low = BinaryPrimitives.ReadUInt64BigEndian(address[8..]);
                return high == 0 && (low >> 32) == 0xFFFF
                    ? new TransportAddress(AddressKind.IPv4, 0, (uint)low, (ushort)port, 0)
                    : new TransportAddress(AddressKind.IPv6, high, low, (ushort)port, (high >> 54) == 0x3FA ? scopeId : 0);
            default:
                throw new ArgumentException("An IP address has 4 or 16 bytes.", nameof(address));
        }
    }

    /// <summary>Makes an address from the framework's type.</summary>
    public static TransportAddress FromIPAddress(IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out int length);
        return FromBytes(bytes[..length], port, length == 16 ? (uint)address.ScopeId : 0);
    }

    /// <summary>Makes an address from an IP literal and a port, or says that the text is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> address, int port, out TransportAddress result)
    {
        result = default;
        // IPAddress also takes "1", "0x7f.1" and "[::1]:80"; an address attribute may not.
        if (port is < 0 or > ushort.MaxValue || !IPAddress.TryParse(address, out IPAddress? parsed) || address.Contains('['))
            return false;
        if (!address.Contains(':') && address.Count('.') != 3)
            return false;
        result = FromIPAddress(parsed, port);
        return true;
    }

    /// <summary>Makes an address from an IP literal and a port.</summary>
    /// <exception cref="FormatException"><paramref name="address"/> is no IP literal.</exception>
    public static TransportAddress Parse(string address, int port) =>
        TryParse(address, port, out TransportAddress result)
            ? result
            : throw new FormatException($"'{address}' with port {port} is no IP address and port: expected something like 192.0.2.1 or 2001:db8::1, and a port of 0 to 65535.");

    /// <summary>Whether two addresses have the same value.</summary>
    public static bool operator ==(TransportAddress left, TransportAddress right) => left.Equals(right);

    /// <summary>Whether two addresses differ.</summary>
    public static bool operator !=(TransportAddress left, TransportAddress right) => !left.Equals(right);

    /// <summary>The same address with another port.</summary>
    public TransportAddress WithPort(int port)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        return new TransportAddress(_kind, _high, _low, (ushort)port, _scope);
    }

    /// <summary>The same address without its zone, as it travels in messages.</summary>
    public TransportAddress WithoutScope() => new(_kind, _high, _low, _port, 0);

    /// <summary>The same address in the given zone; addresses that are not IPv6 link-local have none and stay as they are.</summary>
    public TransportAddress WithScope(uint scopeId) => IsIPv6 && IsLinkLocal ? new(_kind, _high, _low, _port, scopeId) : this;

    /// <summary>Whether both have the same address family (IPv4 or IPv6).</summary>
    public bool SameFamily(TransportAddress other) => _kind == other._kind;

    /// <summary>Whether both have the same IP address, whatever their ports.</summary>
    public bool SameAddress(TransportAddress other) => _kind == other._kind && _high == other._high && _low == other._low && _scope == other._scope;

    /// <summary>Writes the address in network order.</summary>
    /// <returns>The number of bytes written: <see cref="AddressLength"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public int WriteAddress(Span<byte> destination)
    {
        if (destination.Length < AddressLength)
            throw new ArgumentException($"The destination needs {AddressLength} bytes.", nameof(destination));
        if (IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_low);
        }
        else if (IsIPv6)
        {
            BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
            BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
        }

        return AddressLength;
    }

    /// <summary>The address alone, as the framework's type.</summary>
    /// <exception cref="InvalidOperationException">This is <see cref="None"/>.</exception>
    public IPAddress ToIPAddress()
    {
        if (IsNone)
            throw new InvalidOperationException("There is no address: check IsNone first.");
        Span<byte> bytes = stackalloc byte[16];
        int length = WriteAddress(bytes);
        return length == 4 ? new IPAddress(bytes[..4]) : new IPAddress(bytes, _scope);
    }

    /// <summary>The address and port, as the framework's type.</summary>
    /// <exception cref="InvalidOperationException">This is <see cref="None"/>.</exception>
    public IPEndPoint ToIPEndPoint() => new(ToIPAddress(), _port);

    /// <inheritdoc/>
    public bool Equals(TransportAddress other) =>
        _kind == other._kind && _port == other._port && _low == other._low && _high == other._high && _scope == other._scope;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is TransportAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_high, _low, _port, _scope, (byte)_kind);

    /// <summary>The address in text and the port: <c>192.0.2.1:3478</c>, <c>[2001:db8::1]:3478</c>, or <c>none</c>.</summary>
    public override string ToString() => IsNone ? "none" : ToIPEndPoint().ToString();
}
