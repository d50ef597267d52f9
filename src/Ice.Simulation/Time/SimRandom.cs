namespace Ice.Simulation;

/// <summary>The one source of chance in a simulation: SplitMix64, so that a seed names a run for ever, on every runtime.</summary>
/// <remarks>Not thread-safe. <see cref="System.Random"/> is no substitute: its sequence for a seed may change between runtimes.</remarks>
public sealed class SimRandom
{
    private ulong _state;

    /// <summary>Creates a generator.</summary>
    /// <param name="seed">Any number; equal seeds give equal sequences.</param>
    public SimRandom(ulong seed) => _state = seed;

    /// <summary>A number, uniform over all 64-bit values.</summary>
    public ulong NextUInt64()
    {
        unchecked
        {
            _state += 0x9E37_79B9_7F4A_7C15;
            ulong z = _state;
            z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
            z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>A number in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number in [<paramref name="minimum"/>, <paramref name="maximum"/>), or the minimum when the range is empty.</summary>
    public int Next(int minimum, int maximum) =>
        maximum <= minimum ? minimum : minimum + (int)(NextUInt64() % (ulong)((long)maximum - minimum));

    /// <summary>True with a probability; draws nothing for 0 and 1.</summary>
    /// <param name="probability">0 (never) to 1 (always).</param>
    public bool Chance(double probability) => probability > 0 && (probability >= 1 || NextDouble() < probability);

    /// <summary>A duration in [0, <paramref name="maximum"/>); draws nothing for zero.</summary>
    public TimeSpan UpTo(TimeSpan maximum) => maximum <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromTicks((long)(maximum.Ticks * NextDouble()));

    /// <summary>One of the choices, each as likely as the others.</summary>
    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Next(0, choices.Length)];

    /// <summary>A generator with a sequence of its own, so that one part's draws do not disturb another's.</summary>
    public SimRandom Fork() => new(NextUInt64());
}
