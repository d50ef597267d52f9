using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Stun;

/// <summary>The randomness that protocol machines are lent: cryptographic in production, seeded in a simulation.</summary>
/// <remarks>Implementations need not be thread-safe unless they say so; a machine calls its source from one thread at a time.</remarks>
public abstract class EntropySource
{
    /// <summary>The operating system's cryptographic generator, drawn in blocks. Thread-safe.</summary>
    public static EntropySource Secure { get; } = new SecureSource();

    /// <summary>Fills <paramref name="destination"/> with random bytes.</summary>
    public abstract void Fill(Span<byte> destination);

    /// <summary>A random number, uniform over all 64-bit values.</summary>
    public ulong NextUInt64()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    /// <summary>A random number in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    private sealed class SecureSource : EntropySource
    {
        // A call of the generator costs 640 ns for 12 bytes; a block of 256 bytes costs hardly more.
        [ThreadStatic]
        private static byte[]? s_block;

        [ThreadStatic]
        private static int s_used;

        public override void Fill(Span<byte> destination)
        {
            if (destination.Length > 64)
            {
                RandomNumberGenerator.Fill(destination);
                return;
            }

            byte[] block = s_block ??= new byte[256];
            if (s_used == 0 || s_used + destination.Length > block.Length)
            {
                RandomNumberGenerator.Fill(block);
                s_used = 0;
            }

            Span<byte> source = block.AsSpan(s_used, destination.Length);
            source.CopyTo(destination);
            // What was handed out is not kept: a later leak of this block must not reveal earlier keys.
            source.Clear();
            s_used += destination.Length;
            if (s_used == block.Length)
                s_used = 0;
        }
    }
}
