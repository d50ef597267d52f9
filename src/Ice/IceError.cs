namespace Ice;

/// <summary>What kind of trouble an <see cref="IceException"/> reports.</summary>
public enum IceError
{
    /// <summary>No pair has been found yet, or the last one was given up: there is nowhere to send to.</summary>
    NotConnected,

    /// <summary>The agent failed: see <see cref="IceException.Reason"/>.</summary>
    ConnectionFailed,

    /// <summary>The datagram is larger than the system or the path allows.</summary>
    DatagramTooLarge,
}
