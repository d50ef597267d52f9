using System.Buffers.Binary;
using Stun;

namespace Ice.Simulation;

/// <summary>Lends a machine the randomness of a run's seed. Never for production: everything it gives can be foretold.</summary>
public sealed class SimEntropy : EntropySource
{
    private readonly SimRandom _random;

    /// <summary>Creates a source that draws from <paramref name="random"/>.</summary>
    public SimEntropy(SimRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        _random = random;
    }

    /// <inheritdoc/>
    public override void Fill(Span<byte> destination)
    {
        Span<byte> block = stackalloc byte[8];
        while (!destination.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64BigEndian(block, _random.NextUInt64());
            int length = Math.Min(destination.Length, block.Length);
            block[..length].CopyTo(destination);
            destination = destination[length..];
        }
    }
}
