using System.Buffers.Binary;
using static System.Numerics.BitOperations;

namespace Stun;

/// <summary>SHA-1 (FIPS 180-4 §6.1), because MESSAGE-INTEGRITY needs it for many short messages.</summary>
/// <remarks>
/// The framework's own costs several hundred nanoseconds a message whatever its length, and cannot begin where a key leaves it: see
/// <see cref="HmacSha1"/>. Where a policy wants the system's cryptography this one is not used: see <see cref="SystemCryptography"/>.
/// It neither branches on what it hashes, nor looks anything up by it.
/// </remarks>
internal static class Sha1
{
    public const int BlockLength = 64;
    public const int HashLength = 20;

    private const int LengthOffset = BlockLength - sizeof(ulong);

    /// <summary>Hashes some bytes.</summary>
    public static void HashData(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        Sha1State state = Sha1State.Initial;
        ReadOnlySpan<byte> rest = CompressBlocks(ref state, source);
        Span<byte> block = stackalloc byte[BlockLength];
        rest.CopyTo(block);
        Finish(ref state, block, rest.Length, source.Length);
        state.CopyTo(destination);
    }

    /// <summary>Takes in all whole blocks.</summary>
    /// <returns>What is left, shorter than a block.</returns>
    public static ReadOnlySpan<byte> CompressBlocks(scoped ref Sha1State state, ReadOnlySpan<byte> source)
    {
        for (; source.Length >= BlockLength; source = source[BlockLength..])
            Compress(ref state, source);
        return source;
    }

    /// <summary>Takes in the end of a text, with its padding (FIPS 180-4 §5.1.1): a bit that is 1, zeros, and how many bits the text has.</summary>
    /// <param name="state">The state, afterwards the hash.</param>
    /// <param name="block">Begins with the end of the text, and is overwritten.</param>
    /// <param name="used">How many bytes of the text are in the block, fewer than it has.</param>
    /// <param name="total">How many bytes the text has.</param>
    public static void Finish(ref Sha1State state, Span<byte> block, int used, long total)
    {
        block[used..BlockLength].Clear();
        block[used] = 0x80;
        if (used >= LengthOffset)
        {
            Compress(ref state, block);
            block[..LengthOffset].Clear();
        }

        BinaryPrimitives.WriteInt64BigEndian(block[LengthOffset..], total * 8);
        Compress(ref state, block);
    }

    /// <summary>Takes in a block: the first 64 bytes of what is given (FIPS 180-4 §6.1.2).</summary>
    // Unrolled, for half of the instructions of a loop would move words from one variable to the next.
    public static void Compress(ref Sha1State state, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[Sha1Schedule.Length];
        Sha1Schedule.Expand(block, w);
        uint a = state.A, b = state.B, c = state.C, d = state.D, e = state.E;

        // Ch: c where b is 1, d where it is 0.
        e += RotateLeft(a, 5) + (d ^ (b & (c ^ d))) + w[0];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (c ^ (a & (b ^ c))) + w[1];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (b ^ (e & (a ^ b))) + w[2];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (a ^ (d & (e ^ a))) + w[3];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (e ^ (c & (d ^ e))) + w[4];
        c = RotateLeft(c, 30);
        e += RotateLeft(a, 5) + (d ^ (b & (c ^ d))) + w[5];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (c ^ (a & (b ^ c))) + w[6];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (b ^ (e & (a ^ b))) + w[7];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (a ^ (d & (e ^ a))) + w[8];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (e ^ (c & (d ^ e))) + w[9];
        c = RotateLeft(c, 30);
        e += RotateLeft(a, 5) + (d ^ (b & (c ^ d))) + w[10];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (c ^ (a & (b ^ c))) + w[11];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (b ^ (e & (a ^ b))) + w[12];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (a ^ (d & (e ^ a))) + w[13];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (e ^ (c & (d ^ e))) + w[14];
        c = RotateLeft(c, 30);
        e += RotateLeft(a, 5) + (d ^ (b & (c ^ d))) + w[15];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (c ^ (a & (b ^ c))) + w[16];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (b ^ (e & (a ^ b))) + w[17];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (a ^ (d & (e ^ a))) + w[18];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (e ^ (c & (d ^ e))) + w[19];
        c = RotateLeft(c, 30);

        // Parity.
        e += RotateLeft(a, 5) + (b ^ c ^ d) + w[20];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (a ^ b ^ c) + w[21];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (e ^ a ^ b) + w[22];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (d ^ e ^ a) + w[23];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (c ^ d ^ e) + w[24];
        c = RotateLeft(c, 30);
        e += RotateLeft(a, 5) + (b ^ c ^ d) + w[25];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (a ^ b ^ c) + w[26];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (e ^ a ^ b) + w[27];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (d ^ e ^ a) + w[28];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (c ^ d ^ e) + w[29];
        c = RotateLeft(c, 30);
        e += RotateLeft(a, 5) + (b ^ c ^ d) + w[30];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (a ^ b ^ c) + w[31];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (e ^ a ^ b) + w[32];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (d ^ e ^ a) + w[33];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (c ^ d ^ e) + w[34];
        c = RotateLeft(c, 30);
        e += RotateLeft(a, 5) + (b ^ c ^ d) + w[35];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (a ^ b ^ c) + w[36];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (e ^ a ^ b) + w[37];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (d ^ e ^ a) + w[38];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (c ^ d ^ e) + w[39];
        c = RotateLeft(c, 30);

        // Maj: what two of the three say. Both terms are never 1 in the same bit, so that + does for |.
        e += RotateLeft(a, 5) + (b & (c ^ d)) + (c & d) + w[40];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (a & (b ^ c)) + (b & c) + w[41];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (e & (a ^ b)) + (a & b) + w[42];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (d & (e ^ a)) + (e & a) + w[43];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (c & (d ^ e)) + (d & e) + w[44];
        c = RotateLeft(c, 30);
        e += RotateLeft(a, 5) + (b & (c ^ d)) + (c & d) + w[45];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (a & (b ^ c)) + (b & c) + w[46];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (e & (a ^ b)) + (a & b) + w[47];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (d & (e ^ a)) + (e & a) + w[48];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (c & (d ^ e)) + (d & e) + w[49];
        c = RotateLeft(c, 30);
        e += RotateLeft(a, 5) + (b & (c ^ d)) + (c & d) + w[50];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (a & (b ^ c)) + (b & c) + w[51];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (e & (a ^ b)) + (a & b) + w[52];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (d & (e ^ a)) + (e & a) + w[53];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (c & (d ^ e)) + (d & e) + w[54];
        c = RotateLeft(c, 30);
        e += RotateLeft(a, 5) + (b & (c ^ d)) + (c & d) + w[55];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (a & (b ^ c)) + (b & c) + w[56];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (e & (a ^ b)) + (a & b) + w[57];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (d & (e ^ a)) + (e & a) + w[58];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (c & (d ^ e)) + (d & e) + w[59];
        c = RotateLeft(c, 30);

        // Parity again.
        e += RotateLeft(a, 5) + (b ^ c ^ d) + w[60];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (a ^ b ^ c) + w[61];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (e ^ a ^ b) + w[62];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (d ^ e ^ a) + w[63];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (c ^ d ^ e) + w[64];
        c = RotateLeft(c, 30);
        e += RotateLeft(a, 5) + (b ^ c ^ d) + w[65];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (a ^ b ^ c) + w[66];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (e ^ a ^ b) + w[67];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (d ^ e ^ a) + w[68];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (c ^ d ^ e) + w[69];
        c = RotateLeft(c, 30);
        e += RotateLeft(a, 5) + (b ^ c ^ d) + w[70];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (a ^ b ^ c) + w[71];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (e ^ a ^ b) + w[72];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (d ^ e ^ a) + w[73];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (c ^ d ^ e) + w[74];
        c = RotateLeft(c, 30);
        e += RotateLeft(a, 5) + (b ^ c ^ d) + w[75];
        b = RotateLeft(b, 30);
        d += RotateLeft(e, 5) + (a ^ b ^ c) + w[76];
        a = RotateLeft(a, 30);
        c += RotateLeft(d, 5) + (e ^ a ^ b) + w[77];
        e = RotateLeft(e, 30);
        b += RotateLeft(c, 5) + (d ^ e ^ a) + w[78];
        d = RotateLeft(d, 30);
        a += RotateLeft(b, 5) + (c ^ d ^ e) + w[79];
        c = RotateLeft(c, 30);

        state = new Sha1State(state.A + a, state.B + b, state.C + c, state.D + d, state.E + e);
    }
}
