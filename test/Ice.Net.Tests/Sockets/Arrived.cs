using System.Net;

namespace Ice.Net.Tests.Sockets;

/// <summary>A datagram that a test received.</summary>
internal sealed record Arrived(byte[] Data, IPEndPoint Source, TrafficClass? TrafficClass)
{
    /// <summary>What the tests receive whole.</summary>
    public const int MaxLength = 2000;
}
