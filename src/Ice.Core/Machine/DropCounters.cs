namespace Ice.Core;

/// <summary>Counts refused messages by reason.</summary>
internal struct DropCounters
{
    private static readonly int s_reasons = Enum.GetValues<DropReason>().Length;

    // Few agents ever refuse a message.
    private long[]? _counts;

    public readonly long this[DropReason reason] => _counts?[(int)reason] ?? 0;

    public InputResult Count(DropReason reason)
    {
        _counts ??= new long[s_reasons];
        _counts[(int)reason]++;
        return InputResult.Dropped;
    }
}
