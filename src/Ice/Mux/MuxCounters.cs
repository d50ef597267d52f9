namespace Ice;

/// <summary>What one receiver of a mux has counted. One loop writes; any thread reads.</summary>
internal sealed class MuxCounters
{
    private readonly long[] _verdicts = new long[(int)MuxVerdict.UnknownSource + 1];
    private long _oversized;
    private long _unowned;
    private long _receiveErrors;

    /// <summary>Longer than the mux takes.</summary>
    public long Oversized => Volatile.Read(ref _oversized);

    /// <summary>For somebody who has just closed, or does not receive yet.</summary>
    public long Unowned => Volatile.Read(ref _unowned);

    /// <summary>Errors that receiving reported.</summary>
    public long ReceiveErrors => Volatile.Read(ref _receiveErrors);

    public long this[MuxVerdict verdict] => Volatile.Read(ref _verdicts[(int)verdict]);

    public void Count(MuxVerdict verdict) => Add(ref _verdicts[(int)verdict]);

    public void CountOversized() => Add(ref _oversized);

    public void CountUnowned() => Add(ref _unowned);

    public void CountReceiveError() => Add(ref _receiveErrors);

    private static void Add(ref long counter) => Volatile.Write(ref counter, counter + 1);
}
