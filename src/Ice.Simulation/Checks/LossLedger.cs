using System.Buffers.Binary;
using Ice.Core;
using Stun;

namespace Ice.Simulation;

/// <summary>
/// Keeps account of what loss did to each STUN transaction, so that a failure can be told from bad luck: a transaction was lost to chance when it
/// was sent as often as a transaction ever is, no answer arrived, and every single attempt, or the answer to it, was dropped by a link's loss.
/// </summary>
/// <remarks>
/// A request and its answer pass a path with loss p each way with probability (1 - p)²; all seven are lost with (1 - (1 - p)²)^7: 0.9 % at 30 %,
/// 0.01 % at 15 %. Consent checks are sent once each (RFC 7675 §5.1), five to seven of them in 30 s: five in a row are lost with 3.5 % at 30 %.
/// </remarks>
public sealed class LossLedger : PacketTap
{
    private const int HeaderLength = 20;
    private const ushort ClassMask = 0x0110;
    private const int ConsentChecks = 5;

    // In the order of their first packets.
    private readonly OrderedDictionary<(ulong, uint), Entry> _entries = [];

    /// <inheritdoc/>
    public override void OnPacket(in PacketRecord record)
    {
        ReadOnlySpan<byte> bytes = record.Packet.Payload.Span;
        // TCP makes good for loss by itself.
        if (record.Packet.Protocol == SimProtocol.Tcp || bytes.Length < HeaderLength || bytes[0] > 3)
            return;
        (ulong, uint) id = (BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]));
        if (!_entries.TryGetValue(id, out Entry? entry))
            _entries.Add(id, entry = new Entry(record.Packet));
        bool isRequest = (BinaryPrimitives.ReadUInt16BigEndian(bytes) & ClassMask) == 0;
        switch (record.Fate)
        {
            case PacketFate.Sent when isRequest && record.Where.Node is SimHost:
                entry.Attempts++;
                break;
            case PacketFate.Received when !isRequest && record.Where.Node is SimHost:
                entry.IsAnswered = true;
                break;
            case PacketFate.Dropped when record.Cause == PacketDropCause.Loss:
                entry.Lost++;
                break;
            case PacketFate.Dropped:
                entry.IsRefused = true;
                break;
            default:
                break;
        }
    }

    /// <summary>A transaction, or a row of consent checks, that chance alone ended, in a sentence; null when there is none.</summary>
    public string? FindLostToChance()
    {
        var rows = new Dictionary<(TransportAddress, TransportAddress), int>();
        foreach (Entry entry in _entries.Values)
        {
            (TransportAddress, TransportAddress) path = (entry.First.Source, entry.First.Destination);
            if (entry.IsAnswered || entry.IsRefused || entry.Lost < entry.Attempts)
            {
                rows[path] = 0;
                continue;
            }

            int row = rows[path] = rows.GetValueOrDefault(path) + 1;
            if (row >= ConsentChecks)
                return $"{row} transactions in a row from {path.Item1} to {path.Item2}, or the answers to them, were lost";
            if (entry.Attempts >= IceDefaults.RequestCount)
                return $"all {entry.Attempts} requests of a transaction from {entry.First.Source} to {entry.First.Destination}, or the answers to them, were lost";
        }

        return null;
    }

    private sealed class Entry(SimPacket first)
    {
        public SimPacket First { get; } = first;

        public int Attempts { get; set; }

        public int Lost { get; set; }

        public bool IsAnswered { get; set; }

        public bool IsRefused { get; set; }
    }
}
