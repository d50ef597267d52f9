namespace NatLab.Cases;

/// <summary>Names for namespaces, each given once.</summary>
internal static class Names
{
    private static int s_count;

    public static string Next() => $"x{Interlocked.Increment(ref s_count)}";
}
