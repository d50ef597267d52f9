using System.Buffers.Binary;

namespace Stun;

/// <summary>HMAC-SHA1 (RFC 2104) with one key: what the two hashes are after their first block, which depends on the key alone.</summary>
/// <remarks>Immutable, so that threads share it without a lock. Computed once for a credential, it halves the work of each message.</remarks>
internal readonly struct HmacSha1
{
    private readonly Sha1State _inner;
    private readonly Sha1State _outer;

    public HmacSha1(ReadOnlySpan<byte> key)
    {
        Span<byte> block = stackalloc byte[Sha1.BlockLength];
        // RFC 2104 §2: "Applications that use keys longer than B bytes will first hash the key using H and then use the resultant L byte
        // string as the actual key to HMAC."
        if (key.Length > Sha1.BlockLength)
            Sha1.HashData(key, block);
        else
            key.CopyTo(block);
        _inner = AfterPad(block, 0x36);
        _outer = AfterPad(block, 0x5C);
    }

    /// <summary>Computes the HMAC of a message's first bytes, with another length in its header.</summary>
    /// <param name="covered">The bytes, at least the 4 up to the end of the length field.</param>
    /// <param name="lengthField">What stands for the bytes 2 and 3.</param>
    /// <param name="destination">Gets 20 bytes.</param>
    public void Compute(ReadOnlySpan<byte> covered, ushort lengthField, Span<byte> destination)
    {
        Sha1State state = _inner;
        Span<byte> block = stackalloc byte[Sha1.BlockLength];
        ReadOnlySpan<byte> rest = covered;
        if (covered.Length < Sha1.BlockLength)
        {
            covered.CopyTo(block);
            BinaryPrimitives.WriteUInt16BigEndian(block[2..], lengthField);
        }
        else
        {
            covered[..Sha1.BlockLength].CopyTo(block);
            BinaryPrimitives.WriteUInt16BigEndian(block[2..], lengthField);
            Sha1.Compress(ref state, block);
            rest = Sha1.CompressBlocks(ref state, covered[Sha1.BlockLength..]);
            block.Clear();
            rest.CopyTo(block);
        }

        Sha1.Finish(ref state, block, rest.Length, Sha1.BlockLength + covered.Length);

        Span<byte> outerBlock = stackalloc byte[Sha1.BlockLength];
        state.CopyTo(outerBlock);
        state = _outer;
        Sha1.Finish(ref state, outerBlock, Sha1.HashLength, Sha1.BlockLength + Sha1.HashLength);
        state.CopyTo(destination);
    }

    private static Sha1State AfterPad(ReadOnlySpan<byte> key, byte pad)
    {
        Span<byte> block = stackalloc byte[Sha1.BlockLength];
        for (int index = 0; index < block.Length; index++)
            block[index] = (byte)(key[index] ^ pad);
        Sha1State state = Sha1State.Initial;
        Sha1.Compress(ref state, block);
        return state;
    }
}
