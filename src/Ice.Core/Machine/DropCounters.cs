namespace Ice.Core;

/// <summary>Counts refused messages by reason.</summary>
internal sealed class DropCounters
{
    private readonly long[] _counts = new long[Enum.GetValues<DropReason>().Length];

    public long this[DropReason reason] => _counts[(int)reason];

    public InputResult Count(DropReason reason)
    {
        _counts[(int)reason]++;
        return InputResult.Dropped;
    }
}
