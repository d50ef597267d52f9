namespace Ice.Simulation;

/// <summary>How a link loses packets: the Gilbert-Elliott model of two states, of which independent loss is the simplest case.</summary>
/// <remarks>Before each packet the link may change its state; the packet is then lost with the probability of the state it is in.</remarks>
/// <param name="EnterBad">The probability to go from the good state to the bad one.</param>
/// <param name="LeaveBad">The probability to go from the bad state to the good one.</param>
/// <param name="GoodLoss">The probability of loss in the good state.</param>
/// <param name="BadLoss">The probability of loss in the bad state.</param>
public sealed record LossModel(double EnterBad, double LeaveBad, double GoodLoss, double BadLoss)
{
    /// <summary>Nothing is lost.</summary>
    public static LossModel None { get; } = new(0, 1, 0, 0);

    /// <summary>The share of packets lost in the long run.</summary>
    public double Average
    {
        get
        {
            double bad = EnterBad + LeaveBad <= 0 ? 0 : EnterBad / (EnterBad + LeaveBad);
            return ((1 - bad) * GoodLoss) + (bad * BadLoss);
        }
    }

    /// <summary>Each packet is lost with one probability, whatever became of the others.</summary>
    public static LossModel Random(double probability) => new(0, 1, Probability(probability), probability);

    /// <summary>Bursts of loss: outside of them nothing is lost, within them everything.</summary>
    /// <param name="average">The share of packets lost in the long run, 0 to less than 1.</param>
    /// <param name="burstLength">The mean number of packets lost in one burst, 1 or more.</param>
    public static LossModel Bursts(double average, double burstLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(burstLength, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(average, 1);
        double leave = 1 / burstLength;
        double enter = leave * Probability(average) / (1 - average);
        return enter <= 1
            ? new LossModel(enter, leave, 0, 1)
            : throw new ArgumentOutOfRangeException(nameof(average), average, $"An average of {average} needs bursts longer than {burstLength} packets.");
    }

    internal bool Loses(SimRandom random, ref bool bad)
    {
        if (EnterBad > 0)
            bad = bad ? !random.Chance(LeaveBad) : random.Chance(EnterBad);
        return random.Chance(bad ? BadLoss : GoodLoss);
    }

    private static double Probability(double value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1);
        return value;
    }
}
