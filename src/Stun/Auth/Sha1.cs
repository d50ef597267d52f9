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
    /// <param name="block">Begins with the end of the text, and is 0 after it. It is overwritten.</param>
    /// <param name="used">How many bytes of the text are in the block, fewer than it has.</param>
    /// <param name="total">How many bytes the text has.</param>
    public static void Finish(ref Sha1State state, Span<byte> block, int used, long total)
    {
        block[used] = 0x80;
        if (used >= LengthOffset)
        {
            Compress(ref state, block);
            block[..BlockLength].Clear();
        }

        BinaryPrimitives.WriteInt64BigEndian(block[LengthOffset..], total * 8);
        Compress(ref state, block);
    }

    /// <summary>Takes in a block: the first 64 bytes of what is given (FIPS 180-4 §6.1.2).</summary>
    // Unrolled, for half of what a loop does would be to move words from one variable to the next. In each round that word is added last
    // which the round before computed: the rest can be ready by then.
    public static void Compress(ref Sha1State state, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[Sha1Schedule.Length];
        Sha1Schedule.Expand(block, w);
        uint a = state.A, b = state.B, c = state.C, d = state.D, e = state.E;

        // Ch: c where b is 1, d where it is 0. No bit is 1 in both terms, so that + does for |.
        e = e + w[0] + (b & c) + (~b & d) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[1] + (a & b) + (~a & c) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[2] + (e & a) + (~e & b) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[3] + (d & e) + (~d & a) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[4] + (c & d) + (~c & e) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);
        e = e + w[5] + (b & c) + (~b & d) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[6] + (a & b) + (~a & c) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[7] + (e & a) + (~e & b) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[8] + (d & e) + (~d & a) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[9] + (c & d) + (~c & e) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);
        e = e + w[10] + (b & c) + (~b & d) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[11] + (a & b) + (~a & c) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[12] + (e & a) + (~e & b) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[13] + (d & e) + (~d & a) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[14] + (c & d) + (~c & e) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);
        e = e + w[15] + (b & c) + (~b & d) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[16] + (a & b) + (~a & c) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[17] + (e & a) + (~e & b) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[18] + (d & e) + (~d & a) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[19] + (c & d) + (~c & e) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);

        // Parity.
        e = e + w[20] + (b ^ c ^ d) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[21] + (a ^ b ^ c) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[22] + (e ^ a ^ b) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[23] + (d ^ e ^ a) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[24] + (c ^ d ^ e) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);
        e = e + w[25] + (b ^ c ^ d) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[26] + (a ^ b ^ c) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[27] + (e ^ a ^ b) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[28] + (d ^ e ^ a) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[29] + (c ^ d ^ e) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);
        e = e + w[30] + (b ^ c ^ d) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[31] + (a ^ b ^ c) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[32] + (e ^ a ^ b) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[33] + (d ^ e ^ a) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[34] + (c ^ d ^ e) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);
        e = e + w[35] + (b ^ c ^ d) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[36] + (a ^ b ^ c) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[37] + (e ^ a ^ b) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[38] + (d ^ e ^ a) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[39] + (c ^ d ^ e) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);

        // Maj: what two of the three say.
        e = e + w[40] + ((b & (c | d)) | (c & d)) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[41] + ((a & (b | c)) | (b & c)) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[42] + ((e & (a | b)) | (a & b)) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[43] + ((d & (e | a)) | (e & a)) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[44] + ((c & (d | e)) | (d & e)) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);
        e = e + w[45] + ((b & (c | d)) | (c & d)) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[46] + ((a & (b | c)) | (b & c)) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[47] + ((e & (a | b)) | (a & b)) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[48] + ((d & (e | a)) | (e & a)) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[49] + ((c & (d | e)) | (d & e)) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);
        e = e + w[50] + ((b & (c | d)) | (c & d)) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[51] + ((a & (b | c)) | (b & c)) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[52] + ((e & (a | b)) | (a & b)) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[53] + ((d & (e | a)) | (e & a)) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[54] + ((c & (d | e)) | (d & e)) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);
        e = e + w[55] + ((b & (c | d)) | (c & d)) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[56] + ((a & (b | c)) | (b & c)) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[57] + ((e & (a | b)) | (a & b)) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[58] + ((d & (e | a)) | (e & a)) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[59] + ((c & (d | e)) | (d & e)) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);

        // Parity again.
        e = e + w[60] + (b ^ c ^ d) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[61] + (a ^ b ^ c) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[62] + (e ^ a ^ b) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[63] + (d ^ e ^ a) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[64] + (c ^ d ^ e) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);
        e = e + w[65] + (b ^ c ^ d) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[66] + (a ^ b ^ c) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[67] + (e ^ a ^ b) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[68] + (d ^ e ^ a) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[69] + (c ^ d ^ e) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);
        e = e + w[70] + (b ^ c ^ d) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[71] + (a ^ b ^ c) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[72] + (e ^ a ^ b) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[73] + (d ^ e ^ a) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[74] + (c ^ d ^ e) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);
        e = e + w[75] + (b ^ c ^ d) + RotateLeft(a, 5);
        b = RotateLeft(b, 30);
        d = d + w[76] + (a ^ b ^ c) + RotateLeft(e, 5);
        a = RotateLeft(a, 30);
        c = c + w[77] + (e ^ a ^ b) + RotateLeft(d, 5);
        e = RotateLeft(e, 30);
        b = b + w[78] + (d ^ e ^ a) + RotateLeft(c, 5);
        d = RotateLeft(d, 30);
        a = a + w[79] + (c ^ d ^ e) + RotateLeft(b, 5);
        c = RotateLeft(c, 30);

        state = new Sha1State(state.A + a, state.B + b, state.C + c, state.D + d, state.E + e);
    }
}
