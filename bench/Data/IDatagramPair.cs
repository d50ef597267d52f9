namespace Bench;

/// <summary>Two ends of this process between which datagrams go.</summary>
internal interface IDatagramPair : IAsyncDisposable
{
    /// <summary>Called for each datagram at the right end, on the thread that received it.</summary>
    Action? Arrived { get; set; }

    /// <summary>Sends from the left end to the right.</summary>
    void Send(ReadOnlySpan<byte> datagram);

    /// <summary>Sends from the left end, and again each time when the right end has sent back what it got.</summary>
    /// <param name="datagram">What goes there and back.</param>
    /// <param name="microseconds">Takes how long each round trip took, one after the other.</param>
    void SendAndReturn(ReadOnlySpan<byte> datagram, double[] microseconds);

    /// <summary>Whether the right end sends back what arrives.</summary>
    bool Returns { get; set; }
}
