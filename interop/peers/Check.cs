namespace PeersInterop;

/// <summary>Compares what came with what has to come.</summary>
internal static class Check
{
    public static void That(bool holds, string what)
    {
        if (!holds)
            throw new CaseFailedException(what);
    }
}
