namespace Ice.Core;

/// <summary>Consent checks that are over, for all agents of the process: as many as are under way at a time, and not one for each agent. Thread-safe.</summary>
internal static class SpareConsents
{
    // What was under way in a rush is not kept for ever.
    private const int MaxKept = 1024;

    private static readonly Lock s_gate = new();
    private static readonly Stack<Transaction> s_spares = new();

    /// <summary>Takes one, to be started again; null when there is none.</summary>
    public static Transaction? Take()
    {
        lock (s_gate)
            return s_spares.TryPop(out Transaction? spare) ? spare : null;
    }

    /// <summary>Gives one back that nothing refers to.</summary>
    public static void GiveBack(Transaction transaction)
    {
        transaction.Clear();
        lock (s_gate)
        {
            if (s_spares.Count < MaxKept)
                s_spares.Push(transaction);
        }
    }
}
