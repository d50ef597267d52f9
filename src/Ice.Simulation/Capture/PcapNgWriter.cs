using System.Buffers.Binary;
using System.Text;

namespace Ice.Simulation;

/// <summary>
/// Writes what a network's attachments see as a pcapng capture, one interface per attachment, for Wireshark and tshark. Packets that were
/// dropped carry a comment that says why.
/// </summary>
/// <remarks>
/// Blocks follow draft-ietf-opsawg-pcapng; the link type is LINKTYPE_RAW, so a packet begins with its IP header. Time is in nanoseconds; the
/// start of the run stands at <see cref="Epoch"/>. Attach the writer before the first packet and dispose of it after the last.
/// </remarks>
public sealed class PcapNgWriter : PacketTap, IDisposable
{
    private const uint SectionHeaderBlock = 0x0A0D0D0A;
    private const uint InterfaceDescriptionBlock = 1;
    private const uint EnhancedPacketBlock = 6;
    private const ushort LinkTypeRaw = 101;

    private readonly Stream _output;
    private readonly bool _leaveOpen;
    private readonly VirtualClock _clock;
    private readonly Dictionary<int, uint> _interfaces = [];
    private readonly MemoryStream _body = new();

    /// <summary>Creates a writer and writes the section header.</summary>
    /// <param name="output">The file.</param>
    /// <param name="clock">The clock of the network: its origin is time zero.</param>
    /// <param name="leaveOpen">Whether <see cref="Dispose"/> leaves the stream open.</param>
    public PcapNgWriter(Stream output, VirtualClock clock, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(clock);
        _output = output;
        _clock = clock;
        _leaveOpen = leaveOpen;
        WriteUInt32(0x1A2B3C4D); // byte-order magic
        WriteUInt16(1); // version 1.0
        WriteUInt16(0);
        WriteUInt32(uint.MaxValue); // section length: not given
        WriteUInt32(uint.MaxValue);
        WriteOption(4, "Ice.Simulation"); // shb_userappl
        WriteOption(0, ReadOnlySpan<byte>.Empty);
        WriteBlock(SectionHeaderBlock);
    }

    /// <summary>The calendar time that captures give to the start of a run.</summary>
    public static DateTimeOffset Epoch { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How many packets were written.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public override void OnPacket(in PacketRecord record)
    {
        uint id = GetInterface(record.Where);
        byte[] packet = IPPacket.Encode(record.Packet);
        ulong nanoseconds = ((ulong)Epoch.ToUnixTimeSeconds() * 1_000_000_000UL) + ((ulong)(record.Time - _clock.Origin).Ticks * 100);
        WriteUInt32(id);
        WriteUInt32((uint)(nanoseconds >> 32));
        WriteUInt32((uint)nanoseconds);
        WriteUInt32((uint)packet.Length);
        WriteUInt32((uint)packet.Length);
        WritePadded(packet);
        WriteOption(2, Direction(record.Fate)); // epb_flags
        if (record.Fate == PacketFate.Dropped)
            WriteOption(1, "dropped: " + record.Cause); // opt_comment
        WriteOption(0, ReadOnlySpan<byte>.Empty);
        WriteBlock(EnhancedPacketBlock);
        Count++;
    }

    /// <summary>Flushes the file, and closes it unless told otherwise.</summary>
    public void Dispose()
    {
        _output.Flush();
        if (!_leaveOpen)
            _output.Dispose();
        _body.Dispose();
    }

    // epb_flags, bits 0 and 1: 1 is inbound, 2 is outbound, 0 is unknown.
    private static byte[] Direction(PacketFate fate) => [fate switch { PacketFate.Received => 1, PacketFate.Sent => 2, _ => 0 }, 0, 0, 0];

    private uint GetInterface(Attachment attachment)
    {
        if (_interfaces.TryGetValue(attachment.Index, out uint id))
            return id;
        id = (uint)_interfaces.Count;
        _interfaces.Add(attachment.Index, id);
        WriteUInt16(LinkTypeRaw);
        WriteUInt16(0);
        WriteUInt32(0); // no snapshot length
        WriteOption(2, attachment.Name); // if_name
        WriteOption(9, [9]); // if_tsresol: nanoseconds
        WriteOption(0, ReadOnlySpan<byte>.Empty);
        WriteBlock(InterfaceDescriptionBlock);
        return id;
    }

    private void WriteBlock(uint type)
    {
        uint length = (uint)_body.Length + 12;
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(word, type);
        _output.Write(word);
        BinaryPrimitives.WriteUInt32LittleEndian(word, length);
        _output.Write(word);
        _output.Write(_body.GetBuffer(), 0, (int)_body.Length);
        _output.Write(word);
        _body.SetLength(0);
    }

    private void WriteOption(ushort code, string text) => WriteOption(code, Encoding.UTF8.GetBytes(text));

    private void WriteOption(ushort code, ReadOnlySpan<byte> value)
    {
        WriteUInt16(code);
        WriteUInt16((ushort)value.Length);
        WritePadded(value);
    }

    private void WritePadded(ReadOnlySpan<byte> value)
    {
        _body.Write(value);
        for (int i = value.Length; i % 4 != 0; i++)
            _body.WriteByte(0);
    }

    private void WriteUInt16(ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        _body.Write(bytes);
    }

    private void WriteUInt32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _body.Write(bytes);
    }
}
