namespace Ice.Net;

/// <summary>Datagrams to and from one remote address.</summary>
/// <remarks>Sends may come from any thread; one receive may wait at a time.</remarks>
public interface IDatagramPipe : IAsyncDisposable
{
    /// <summary>Sends a datagram without waiting.</summary>
    /// <returns>False when there is no room or the pipe has ended: the datagram is dropped.</returns>
    bool TrySend(ReadOnlySpan<byte> datagram);

    /// <summary>Receives the next datagram.</summary>
    /// <param name="buffer">Where it goes; what does not fit is cut off.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its length in bytes; 0 when the pipe has ended, by whichever side.</returns>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken);
}
