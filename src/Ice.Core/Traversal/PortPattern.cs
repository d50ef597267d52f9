using System.Numerics;

namespace Ice.Core;

/// <summary>The rule by which a NAT's external ports follow each other, read from samples.</summary>
/// <param name="Allocation">The kind of rule.</param>
/// <param name="Step">
/// From one mapping to the next, negative for a NAT that counts down; 0 when unpredictable. Other steps than 1 are believed when they are seen twice.
/// </param>
/// <param name="Last">The youngest sample.</param>
/// <param name="Foreign">How many mappings of other hosts lay between the samples.</param>
public sealed record PortPattern(PortAllocation Allocation, int Step, PortSample Last, int Foreign)
{
    /// <summary>The least port that is predicted or guessed.</summary>
    public const int FirstPort = 1024;

    /// <summary>The greatest port there is.</summary>
    public const int LastPort = 65_535;

    /// <summary>The most that a port may lie from the one before it, for each mapping in between, to be called sequential: of two random ports, one pair in a thousand lies so close.</summary>
    public const int MaxStride = 32;

    /// <summary>The step that may be as well: two samples that lie a few ports apart are of a NAT with that step, or others took the ports in between. 0 for none.</summary>
    /// <remarks>A NAT that keeps the parity of ports (RFC 4787 §4.2.2) has a step of 2.</remarks>
    public int OtherStep { get; private init; }

    /// <summary>Reads the rule from samples.</summary>
    /// <param name="samples">Samples of one external address in any order, each order number once.</param>
    public static PortPattern Analyze(params ReadOnlySpan<PortSample> samples)
    {
        if (samples.IsEmpty)
            return new PortPattern(PortAllocation.Unpredictable, 0, default, 0);
        PortSample[] sorted = samples.ToArray();
        Array.Sort(sorted, static (x, y) => x.Order.CompareTo(y.Order));
        var none = new PortPattern(PortAllocation.Unpredictable, 0, sorted[^1], 0);
        int divisor = 0;
        int least = int.MaxValue;
        int sign = 0;
        for (int i = 1; i < sorted.Length; i++)
        {
            int made = sorted[i].Order - sorted[i - 1].Order;
            int distance = sorted[i].Port - sorted[i - 1].Port;
            if (made <= 0 || distance == 0 || Math.Abs(distance) > made * MaxStride || (sign != 0 && Math.Sign(distance) != sign))
                return none;
            sign = Math.Sign(distance);
            divisor = (int)BigInteger.GreatestCommonDivisor(divisor, distance);
            // A NAT whose mapping depends on the address alone (RFC 4787 §4.1) made fewer mappings than there were destinations.
            least = Math.Max(Math.Min(least, Math.Abs(distance) / made), 1);
        }

        if (sign == 0)
            return none;
        int largest = StepOf(divisor, least);
        int step = sorted.Length > 2 ? largest : 1;
        int total = Math.Abs(sorted[^1].Port - sorted[0].Port) / step;
        return new PortPattern(PortAllocation.Sequential, sign * step, sorted[^1], Math.Max(total - (sorted[^1].Order - sorted[0].Order), 0))
        {
            OtherStep = largest > step ? sign * largest : 0,
        };
    }

    /// <summary>The ports of the mappings that come after the youngest sample, the likeliest first.</summary>
    /// <param name="count">How many at most.</param>
    /// <returns>Ports within <see cref="FirstPort"/> and <see cref="LastPort"/>; none when nothing can be predicted.</returns>
    public IEnumerable<int> Predict(int count)
    {
        if (Allocation != PortAllocation.Sequential)
            yield break;
        // Three quarters for the smaller step, which meets some mappings of the larger one too; the rest goes on with that.
        int small = OtherStep == 0 ? count : count - (count / 4);
        int last = Last.Port + (Step * small);
        for (int i = 1; i <= count; i++)
        {
            int port = i <= small ? Last.Port + (Step * i) : last - ((last - Last.Port) % OtherStep) + (OtherStep * (i - small));
            if (port is >= FirstPort and <= LastPort)
                yield return port;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Allocation == PortAllocation.Sequential
        ? FormattableString.Invariant($"sequential step {Step}{(OtherStep != 0 ? $" or {OtherStep}" : "")}{(Foreign > 0 ? $" ({Foreign} mapping(s) of others in between)" : "")}")
        : "unpredictable";

    // The greatest divisor of all distances that leaves room for each of our own mappings in between.
    private static int StepOf(int divisor, int least)
    {
        int step = Math.Min(divisor, least);
        while (divisor % step != 0)
            step--;
        return step;
    }
}
