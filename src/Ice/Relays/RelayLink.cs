namespace Ice;

/// <summary>An open stream or association to a TURN server: whole messages go in and come out. Writes may come from any thread.</summary>
internal abstract class RelayLink : IAsyncDisposable
{
    /// <summary>Whether messages are padded, as on streams.</summary>
    public abstract bool IsStream { get; }

    /// <summary>Why reading ended, for people.</summary>
    public abstract string WhyEnded { get; }

    /// <summary>Writes a message without waiting.</summary>
    /// <returns>False when there is no room or the link has ended: the message is dropped.</returns>
    public abstract bool TryWrite(ReadOnlySpan<byte> message);

    /// <summary>Reads the next message.</summary>
    /// <returns>The message, valid until the next read; empty when the link has ended or the token was canceled.</returns>
    public abstract ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Closes the link; what was written before goes out first, as far as the server takes it soon.</summary>
    public abstract ValueTask DisposeAsync();
}
