namespace Ice.Net;

/// <summary>A datagram socket that hands over what arrives, on a loop that it shares with others, instead of being asked for each datagram.</summary>
/// <remarks>After <see cref="Start"/> the methods that receive may not be used. Disposing from within a call of the receiver is allowed.</remarks>
public interface IPushDatagramSocket : IDatagramSocket
{
    /// <summary>Ends when the socket was disposed of and no call of the receiver is under way or will come; at once where nothing was started.</summary>
    Task Completion { get; }

    /// <summary>Begins to hand over what arrives.</summary>
    /// <param name="receiver">Who takes it.</param>
    /// <param name="maxDatagramSize">The length in bytes of the longest datagram that is whole; of a longer one the first bytes and one more come.</param>
    /// <param name="trafficClass">Whether each datagram's traffic class is wanted, which costs a little.</param>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    /// <exception cref="ObjectDisposedException">The socket was disposed of.</exception>
    void Start(IDatagramReceiver receiver, int maxDatagramSize, bool trafficClass);
}
