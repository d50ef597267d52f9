using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmCrc32 = System.Runtime.Intrinsics.Arm.Crc32;

namespace Stun;

/// <summary>The CRC-32 of ITU-T V.42, as FINGERPRINT uses it (RFC 8489 §14.7).</summary>
/// <remarks>
/// Three ways to the same number. Processors of Arm have an instruction for this very polynomial. Those of x86 have one only for another, but
/// multiply polynomials: <see cref="ComputeByMultiplication"/>. Tables do for the rest, and for what is left over of a message.
/// </remarks>
internal static class Crc32
{
    // Bits are reflected throughout: the lowest one belongs to the highest power of x.
    private const uint Polynomial = 0xEDB88320;
    private const int BlockLength = 16;

    private static readonly uint[] s_table = BuildTable();

    /// <summary>Whether <see cref="ComputeByMultiplication"/> works on this machine.</summary>
    public static bool CanMultiply => Pclmulqdq.IsSupported;

    /// <summary>Whether <see cref="ComputeByInstruction"/> works on this machine.</summary>
    public static bool HasInstruction => ArmCrc32.Arm64.IsSupported;

    /// <summary>The CRC-32 of some bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) =>
        CanMultiply ? ComputeByMultiplication(bytes) : HasInstruction ? ComputeByInstruction(bytes) : ComputeByTable(bytes);

    /// <summary>The CRC-32 by Arm's instruction.</summary>
    public static uint ComputeByInstruction(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = ArmCrc32.Arm64.ComputeCrc32(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
            crc = ArmCrc32.ComputeCrc32(crc, value);
        return ~crc;
    }

    /// <summary>The CRC-32 four bytes at a time, with a table for each of them.</summary>
    public static uint ComputeByTable(ReadOnlySpan<byte> bytes) => ~Continue(uint.MaxValue, bytes);

    /// <summary>The CRC-32 sixteen bytes at a time, by carry-less multiplication of x86.</summary>
    // The way is that of Gopal and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009), from
    // which the constants are too. Sixteen bytes are a polynomial of 128 bits; moving it past the next sixteen is multiplying it by x^128,
    // and since only the remainder counts, each half is multiplied by the remainder of its power of x instead.
    public static uint ComputeByMultiplication(ReadOnlySpan<byte> bytes)
    {
        // What does not fill a block comes first, where the tables can carry its result into the first block.
        int head = bytes.Length % BlockLength;
        uint crc = Continue(uint.MaxValue, bytes[..head]);
        bytes = bytes[head..];
        if (bytes.IsEmpty)
            return ~crc;

        Vector128<ulong> fold = Vector128.Create(0x1_7519_97D0UL, 0x0_CCAA_009EUL);
        Vector128<ulong> sum = Vector128.Create(bytes).AsUInt64() ^ Vector128.CreateScalar(crc).AsUInt64();
        for (bytes = bytes[BlockLength..]; bytes.Length >= BlockLength; bytes = bytes[BlockLength..])
        {
            sum = Pclmulqdq.CarrylessMultiply(sum, fold, 0x00) ^ Pclmulqdq.CarrylessMultiply(sum, fold, 0x11)
                ^ Vector128.Create(bytes).AsUInt64();
        }

        return ~Reduce(sum, fold);
    }

    /// <summary>The remainder of 128 bits, that are followed by 32 zeros, by the polynomial.</summary>
    private static uint Reduce(Vector128<ulong> sum, Vector128<ulong> fold)
    {
        Vector128<ulong> low32 = Vector128.Create(0xFFFF_FFFFUL);
        // 128 bits to 96, and those to 64.
        sum = Sse2.ShiftRightLogical128BitLane(sum, 8) ^ Pclmulqdq.CarrylessMultiply(sum, fold, 0x10);
        sum = Sse2.ShiftRightLogical128BitLane(sum, 4) ^ Pclmulqdq.CarrylessMultiply(sum & low32, Vector128.CreateScalar(0x1_63CD_6124UL), 0x00);
        // 64 bits to 32 by Barrett: the quotient is a product with the inverse of the polynomial, the remainder what the quotient leaves.
        Vector128<ulong> barrett = Vector128.Create(0x1_DB71_0641UL, 0x1_F701_1641UL);
        Vector128<ulong> quotient = Pclmulqdq.CarrylessMultiply(sum & low32, barrett, 0x10);
        sum ^= Pclmulqdq.CarrylessMultiply(quotient & low32, barrett, 0x00);
        return sum.AsUInt32().GetElement(1);
    }

    private static uint Continue(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[] table = s_table;
        for (; bytes.Length >= sizeof(uint); bytes = bytes[sizeof(uint)..])
        {
            crc ^= BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            crc = table[(byte)crc + 768] ^ table[(byte)(crc >> 8) + 512] ^ table[(byte)(crc >> 16) + 256] ^ table[crc >> 24];
        }

        foreach (byte value in bytes)
            crc = table[(byte)crc ^ value] ^ (crc >> 8);
        return crc;
    }

    /// <summary>Four tables of 256: what a byte becomes, and what it becomes when one, two and three more bytes follow it.</summary>
    private static uint[] BuildTable()
    {
        uint[] table = new uint[4 * 256];
        for (uint index = 0; index < 256; index++)
        {
            uint value = index;
            for (int bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? Polynomial ^ (value >> 1) : value >> 1;
            table[index] = value;
        }

        for (int index = 256; index < table.Length; index++)
            table[index] = table[(byte)table[index - 256]] ^ (table[index - 256] >> 8);
        return table;
    }
}
