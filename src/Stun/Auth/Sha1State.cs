using System.Buffers.Binary;

namespace Stun;

/// <summary>The five words that SHA-1 carries from block to block (FIPS 180-4 §6.1).</summary>
internal readonly struct Sha1State(uint a, uint b, uint c, uint d, uint e)
{
    public readonly uint A = a;
    public readonly uint B = b;
    public readonly uint C = c;
    public readonly uint D = d;
    public readonly uint E = e;

    /// <summary>What they are before the first block.</summary>
    public static Sha1State Initial => new(0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0);

    /// <summary>Writes them as the hash that they are after the last block.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], E);
        BinaryPrimitives.WriteUInt32BigEndian(destination, A);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], B);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], C);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], D);
    }
}
