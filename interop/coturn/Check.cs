namespace CoturnInterop;

/// <summary>Compares what came with what has to come.</summary>
internal static class Check
{
    public static void That(bool holds, string what)
    {
        if (!holds)
            throw new CaseFailedException(what);
    }

    public static void Equal<T>(T expected, T actual, string what) => That(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: {expected} was expected, {actual} came");

    public static void SameBytes(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> actual, string what) =>
        That(expected.Span.SequenceEqual(actual.Span), $"{what}: {expected.Length} bytes were expected, {actual.Length} others came");
}
