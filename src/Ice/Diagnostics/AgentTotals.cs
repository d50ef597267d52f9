namespace Ice;

/// <summary>What the observable instruments read of an agent.</summary>
internal readonly record struct AgentTotals(TrafficTotals Traffic, long ChecksSent, long Unaccepted, long Oversized, long Overflows)
{
    public static AgentTotals operator +(AgentTotals left, AgentTotals right) => new(
        left.Traffic + right.Traffic,
        left.ChecksSent + right.ChecksSent,
        left.Unaccepted + right.Unaccepted,
        left.Oversized + right.Oversized,
        left.Overflows + right.Overflows);
}
