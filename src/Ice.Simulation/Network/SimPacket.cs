using Stun;

namespace Ice.Simulation;

/// <summary>A UDP datagram or a TCP segment on its way.</summary>
/// <param name="Source">The source address as it stands; translators change it.</param>
/// <param name="Destination">The destination address as it stands.</param>
/// <param name="Payload">The data; never changed once sent.</param>
/// <param name="HopLimit">How many gateways it may still pass.</param>
public readonly record struct SimPacket(TransportAddress Source, TransportAddress Destination, ReadOnlyMemory<byte> Payload, int HopLimit = 16)
{
    /// <summary>What it carries.</summary>
    public SimProtocol Protocol { get; init; }

    /// <summary>The rest of the TCP header, where it carries TCP.</summary>
    public TcpHeader Tcp { get; init; }

    /// <summary>Whether it opens a TCP connection.</summary>
    public bool OpensConnection => Protocol == SimProtocol.Tcp && (Tcp.Flags & (TcpFlags.Synchronize | TcpFlags.Acknowledge)) == TcpFlags.Synchronize;

    /// <summary>The length of the IP packet in bytes: the data, the header of UDP (8) or TCP (20), and that of IPv4 (20) or IPv6 (40).</summary>
    public int IPLength => Payload.Length + (Protocol == SimProtocol.Udp ? 8 : 20) + (Destination.IsIPv6 ? 40 : 20);

    /// <inheritdoc/>
    public override string ToString() => $"{Source} -> {Destination}, {(Protocol == SimProtocol.Udp ? "" : $"TCP {Tcp.Flags}, ")}{Payload.Length} bytes";
}
