namespace Ice.Simulation;

/// <summary>What one direction of a link does to packets. Immutable; the default is perfect.</summary>
public sealed record LinkConditions
{
    /// <summary>No delay, no loss, an MTU of 1,500.</summary>
    public static LinkConditions Perfect { get; } = new();

    /// <summary>The delay of every packet.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>The most that chance adds to the delay of a packet. It does not reorder: a packet waits for the one before it.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>How packets are lost.</summary>
    public LossModel Loss { get; init; } = LossModel.None;

    /// <summary>The probability that a packet is held back and overtaken by later ones.</summary>
    public double Reorder { get; init; }

    /// <summary>How long a packet that is reordered is held back at most.</summary>
    public TimeSpan ReorderHold { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The probability that a packet arrives twice.</summary>
    public double Duplicate { get; init; }

    /// <summary>The longest IP packet in bytes; longer ones are dropped.</summary>
    public int Mtu { get; init; } = 1500;
}
