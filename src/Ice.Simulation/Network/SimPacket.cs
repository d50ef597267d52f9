using Stun;

namespace Ice.Simulation;

/// <summary>A UDP datagram on its way.</summary>
/// <param name="Source">The source address as it stands; translators change it.</param>
/// <param name="Destination">The destination address as it stands.</param>
/// <param name="Payload">The datagram's data; never changed once sent.</param>
/// <param name="HopLimit">How many gateways it may still pass.</param>
public readonly record struct SimPacket(TransportAddress Source, TransportAddress Destination, ReadOnlyMemory<byte> Payload, int HopLimit = 16)
{
    /// <summary>The length of the IP packet in bytes: 28 (IPv4) or 48 (IPv6) more than the data.</summary>
    public int IPLength => Payload.Length + 8 + (Destination.IsIPv6 ? 40 : 20);

    /// <inheritdoc/>
    public override string ToString() => $"{Source} -> {Destination}, {Payload.Length} bytes";
}
