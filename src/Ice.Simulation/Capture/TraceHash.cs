using System.Buffers.Binary;
using System.Security.Cryptography;
using Stun;

namespace Ice.Simulation;

/// <summary>A digest of everything that every packet of a run did, when (from the start) and where: two runs are the same exactly when their hashes are.</summary>
public sealed class TraceHash : PacketTap, IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>How many records went in.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public override void OnPacket(in PacketRecord record)
    {
        Count++;
        Span<byte> head = stackalloc byte[64];
        BinaryPrimitives.WriteInt64BigEndian(head, (record.Time - record.Where.Node.Network.Clock.Origin).Ticks);
        BinaryPrimitives.WriteInt32BigEndian(head[8..], record.Where.Index);
        head[12] = (byte)record.Fate;
        head[13] = (byte)record.Cause;
        int length = 14;
        length += Write(record.Packet.Source, head[length..]);
        length += Write(record.Packet.Destination, head[length..]);
        if (record.Packet.Protocol == SimProtocol.Tcp)
        {
            TcpHeader tcp = record.Packet.Tcp;
            head[length++] = (byte)tcp.Flags;
            BinaryPrimitives.WriteUInt32BigEndian(head[length..], tcp.Sequence);
            BinaryPrimitives.WriteUInt32BigEndian(head[(length + 4)..], tcp.Acknowledgment);
            length += 8;
        }

        _hash.AppendData(head[..length]);
        _hash.AppendData(record.Packet.Payload.Span);
    }

    /// <summary>The digest of all records so far, in hexadecimal.</summary>
    public string Current() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>Frees the digest.</summary>
    public void Dispose() => _hash.Dispose();

    private static int Write(TransportAddress address, Span<byte> destination)
    {
        int length = address.WriteAddress(destination);
        BinaryPrimitives.WriteUInt16BigEndian(destination[length..], (ushort)address.Port);
        return length + 2;
    }
}
