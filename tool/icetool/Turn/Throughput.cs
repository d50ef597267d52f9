namespace IceTool.Turn;

/// <summary>How much data went through the relay to the peer, and came back.</summary>
/// <param name="MegabitsPerSecond">Application data that came back, in 10^6 bit/s: as much went each way.</param>
/// <param name="Sent">The datagrams sent.</param>
/// <param name="Lost">How many of them did not come back.</param>
internal sealed record Throughput(double MegabitsPerSecond, int Sent, int Lost);
