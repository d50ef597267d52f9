using System.Buffers.Binary;
using Stun;

namespace Turn.Tests.Server;

/// <summary>Randomness that is the same for the same seed (SplitMix64).</summary>
internal sealed class SeededEntropy(ulong seed) : EntropySource
{
    private ulong _state = seed;

    public override void Fill(Span<byte> destination)
    {
        Span<byte> block = stackalloc byte[8];
        while (!destination.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64BigEndian(block, Next());
            int length = Math.Min(8, destination.Length);
            block[..length].CopyTo(destination);
            destination = destination[length..];
        }
    }

    private ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
