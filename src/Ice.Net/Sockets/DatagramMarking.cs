namespace Ice.Net;

/// <summary>What a socket can do about the <see cref="TrafficClass"/> of its datagrams.</summary>
[Flags]
public enum DatagramMarking
{
    /// <summary>Nothing: datagrams leave as the system has it, and what arrives is not told.</summary>
    None = 0,

    /// <summary>One DSCP for everything that the socket sends.</summary>
    SendPerSocket = 1,

    /// <summary>A DSCP and an ECN codepoint for each datagram sent.</summary>
    SendPerDatagram = 2,

    /// <summary>The DSCP and the ECN codepoint of each datagram received are told.</summary>
    Receive = 4,
}
