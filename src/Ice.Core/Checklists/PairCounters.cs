namespace Ice.Core;

/// <summary>What a pair has sent and received, for statistics: a message a second fills them in 136 years.</summary>
internal struct PairCounters
{
    public uint RequestsSent { get; set; }

    public uint Retransmissions { get; set; }

    public uint RequestsReceived { get; set; }

    public uint ResponsesReceived { get; set; }

    public uint ResponsesSent { get; set; }

    public uint ConsentRequestsSent { get; set; }

    public TimeSpan TotalRoundTripTime { get; set; }
}
