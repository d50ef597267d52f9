namespace Ice;

/// <summary>What the streams to TURN servers received, those that are closed included. Thread-safe.</summary>
internal sealed class RelayStreamCounts
{
    private long _control;
    private long _unaccepted;
    private long _oversized;

    public TransportCounts Read() => new(Interlocked.Read(ref _control), Interlocked.Read(ref _unaccepted), Interlocked.Read(ref _oversized), ReceiveErrors: 0);

    public void CountControl() => Interlocked.Increment(ref _control);

    public void CountUnaccepted() => Interlocked.Increment(ref _unaccepted);

    public void CountOversized() => Interlocked.Increment(ref _oversized);
}
