namespace IceTool.Turn;

/// <summary>How long data took through the relay to the peer and back.</summary>
internal sealed record RoundTrips(TimeSpan Median, TimeSpan Fastest, int Sent, int Lost);
