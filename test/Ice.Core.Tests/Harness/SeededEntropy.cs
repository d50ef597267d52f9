using Stun;

namespace Ice.Core.Tests.Harness;

/// <summary>Randomness that repeats: the same seed gives the same bytes.</summary>
internal sealed class SeededEntropy(int seed) : EntropySource
{
    private readonly Random _random = new(seed);

    public override void Fill(Span<byte> destination) => _random.NextBytes(destination);
}
