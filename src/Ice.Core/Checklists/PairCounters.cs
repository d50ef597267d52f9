namespace Ice.Core;

/// <summary>What a pair has sent and received, for statistics.</summary>
internal struct PairCounters
{
    public long RequestsSent { get; set; }

    public long Retransmissions { get; set; }

    public long RequestsReceived { get; set; }

    public long ResponsesReceived { get; set; }

    public long ResponsesSent { get; set; }

    public long ConsentRequestsSent { get; set; }

    public TimeSpan TotalRoundTripTime { get; set; }
}
