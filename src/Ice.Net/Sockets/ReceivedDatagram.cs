namespace Ice.Net;

/// <summary>What a socket received.</summary>
/// <param name="Length">The number of bytes.</param>
/// <param name="TrafficClass">The octet of the IP header that it arrived with; null when the system did not tell.</param>
public readonly record struct ReceivedDatagram(int Length, TrafficClass? TrafficClass);
