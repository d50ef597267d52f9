namespace Ice;

/// <summary>An <see cref="IceUdpBridge"/>'s counters at one moment, in datagrams unless they say bytes.</summary>
public sealed record IceUdpBridgeStats
{
    /// <summary>Sent to the peer.</summary>
    public long SentToPeer { get; init; }

    /// <summary>Bytes sent to the peer.</summary>
    public long BytesSentToPeer { get; init; }

    /// <summary>Sent to the application.</summary>
    public long SentToApplication { get; init; }

    /// <summary>Bytes sent to the application.</summary>
    public long BytesSentToApplication { get; init; }

    /// <summary>Of the application's, waiting for a pair just now.</summary>
    public int WaitingForPair { get; init; }

    /// <summary>Of the peer's, waiting just now for the application to be known.</summary>
    public int WaitingForApplication { get; init; }

    /// <summary>Of the application's, given up because too many waited for a pair.</summary>
    public long GivenUpForPeer { get; init; }

    /// <summary>Of the peer's, given up because too many waited for the application.</summary>
    public long GivenUpForApplication { get; init; }

    /// <summary>Of the application's, refused by the system or too large for it.</summary>
    public long RefusedForPeer { get; init; }

    /// <summary>Of the peer's, refused by the system on the way to the application.</summary>
    public long RefusedForApplication { get; init; }

    /// <summary>Dropped because the sender is not the application.</summary>
    public long FromStrangers { get; init; }

    /// <summary>Errors that receiving from the application reported, such as that nothing listens at its port any more. They cost nothing else.</summary>
    public long ReceiveErrors { get; init; }
}
