using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stun;

/// <summary>The message schedule of SHA-1 (FIPS 180-4 §6.1.2), four words at a time, each with the constant of its round added.</summary>
internal static class Sha1Schedule
{
    /// <summary>How many words there are, one for each round.</summary>
    public const int Length = 80;

    private const int Lanes = 4;

    /// <summary>Makes the words of a block.</summary>
    public static void Expand(ReadOnlySpan<byte> block, Span<uint> words)
    {
        Vector128<uint> k0 = Vector128.Create(0x5A827999u);
        Vector128<uint> k1 = Vector128.Create(0x6ED9EBA1u);
        Vector128<uint> k2 = Vector128.Create(0x8F1BBCDCu);
        Vector128<uint> k3 = Vector128.Create(0xCA62C1D6u);

        Vector128<uint> w0 = Read(block, 0);
        (w0 + k0).CopyTo(words[(0 * Lanes)..]);
        Vector128<uint> w1 = Read(block, 1);
        (w1 + k0).CopyTo(words[(1 * Lanes)..]);
        Vector128<uint> w2 = Read(block, 2);
        (w2 + k0).CopyTo(words[(2 * Lanes)..]);
        Vector128<uint> w3 = Read(block, 3);
        (w3 + k0).CopyTo(words[(3 * Lanes)..]);
        Vector128<uint> w4 = Next(w0, w1, w2, w3);
        (w4 + k0).CopyTo(words[(4 * Lanes)..]);
        Vector128<uint> w5 = Next(w1, w2, w3, w4);
        (w5 + k1).CopyTo(words[(5 * Lanes)..]);
        Vector128<uint> w6 = Next(w2, w3, w4, w5);
        (w6 + k1).CopyTo(words[(6 * Lanes)..]);
        Vector128<uint> w7 = Next(w3, w4, w5, w6);
        (w7 + k1).CopyTo(words[(7 * Lanes)..]);
        Vector128<uint> w8 = NextLate(w0, w1, w4, w6, w7);
        (w8 + k1).CopyTo(words[(8 * Lanes)..]);
        Vector128<uint> w9 = NextLate(w1, w2, w5, w7, w8);
        (w9 + k1).CopyTo(words[(9 * Lanes)..]);
        Vector128<uint> w10 = NextLate(w2, w3, w6, w8, w9);
        (w10 + k2).CopyTo(words[(10 * Lanes)..]);
        Vector128<uint> w11 = NextLate(w3, w4, w7, w9, w10);
        (w11 + k2).CopyTo(words[(11 * Lanes)..]);
        Vector128<uint> w12 = NextLate(w4, w5, w8, w10, w11);
        (w12 + k2).CopyTo(words[(12 * Lanes)..]);
        Vector128<uint> w13 = NextLate(w5, w6, w9, w11, w12);
        (w13 + k2).CopyTo(words[(13 * Lanes)..]);
        Vector128<uint> w14 = NextLate(w6, w7, w10, w12, w13);
        (w14 + k2).CopyTo(words[(14 * Lanes)..]);
        Vector128<uint> w15 = NextLate(w7, w8, w11, w13, w14);
        (w15 + k3).CopyTo(words[(15 * Lanes)..]);
        Vector128<uint> w16 = NextLate(w8, w9, w12, w14, w15);
        (w16 + k3).CopyTo(words[(16 * Lanes)..]);
        Vector128<uint> w17 = NextLate(w9, w10, w13, w15, w16);
        (w17 + k3).CopyTo(words[(17 * Lanes)..]);
        Vector128<uint> w18 = NextLate(w10, w11, w14, w16, w17);
        (w18 + k3).CopyTo(words[(18 * Lanes)..]);
        Vector128<uint> w19 = NextLate(w11, w12, w15, w17, w18);
        (w19 + k3).CopyTo(words[(19 * Lanes)..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Read(ReadOnlySpan<byte> block, int index)
    {
        Vector128<byte> bytes = Vector128.Create(block[(index * Vector128<byte>.Count)..]);
        return (BitConverter.IsLittleEndian
            ? Vector128.Shuffle(bytes, Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12))
            : bytes).AsUInt32();
    }

    // W(t) = ROTL1(W(t-3) ^ W(t-8) ^ W(t-14) ^ W(t-16)), for four t at once. The last of the four needs the first: its part comes afterwards.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Next(Vector128<uint> minus16, Vector128<uint> minus12, Vector128<uint> minus8, Vector128<uint> minus4)
    {
        Vector128<uint> minus3 = Vector128.Shuffle(minus4, Vector128.Create(1u, 2, 3, Lanes));
        Vector128<uint> sum = minus16 ^ Middle(minus16, minus12) ^ minus8 ^ minus3;
        Vector128<uint> first = Vector128.Shuffle(sum, Vector128.Create(Lanes, Lanes, Lanes, 0u));
        return RotateLeft(sum, 1) ^ RotateLeft(first, 2);
    }

    // The same put into itself once: W(t) = ROTL2(W(t-6) ^ W(t-16) ^ W(t-28) ^ W(t-32)), in which none of four needs another.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> NextLate(
        Vector128<uint> minus32, Vector128<uint> minus28, Vector128<uint> minus16, Vector128<uint> minus8, Vector128<uint> minus4) =>
        RotateLeft(minus32 ^ minus28 ^ minus16 ^ Middle(minus8, minus4), 2);

    /// <summary>The last two words of one and the first two of the other.</summary>
    // Shuffle makes 0 of an index that no lane has. (Putting halves together would be clearer, but goes through memory, at twice the time.)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Middle(Vector128<uint> first, Vector128<uint> second) =>
        Vector128.Shuffle(first, Vector128.Create(2u, 3, Lanes, Lanes)) ^ Vector128.Shuffle(second, Vector128.Create(Lanes, Lanes, 0u, 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> RotateLeft(Vector128<uint> words, int count) => (words << count) | (words >>> (32 - count));
}
