using System.Buffers.Binary;
using Stun;

namespace Turn.Tests;

/// <summary>Randomness that repeats (SplitMix64): the same seed gives the same bytes.</summary>
internal sealed class SeededEntropy(ulong seed) : EntropySource
{
    private ulong _state = seed;

    public override void Fill(Span<byte> destination)
    {
        Span<byte> block = stackalloc byte[8];
        while (!destination.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(block, Next());
            int length = Math.Min(block.Length, destination.Length);
            block[..length].CopyTo(destination);
            destination = destination[length..];
        }
    }

    private ulong Next()
    {
        ulong value = _state += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
