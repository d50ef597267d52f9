namespace PeersInterop;

/// <summary>Something that ours and a peer do together: a column of the table.</summary>
/// <param name="Name">Its name on the command line and in the table.</param>
/// <param name="About">What has to hold.</param>
/// <param name="RunAsync">Does it; throws when it goes wrong. Returns a remark for the table, or null.</param>
internal sealed record InteropCase(string Name, string About, Func<CaseContext, Task<string?>> RunAsync)
{
    /// <summary>What it needs of the peer.</summary>
    public IReadOnlyList<Need> Needs { get; init; } = [];

    /// <summary>Whether it mostly waits: such cases start first, all at once.</summary>
    public bool Long { get; init; }

    /// <summary>Whether nothing else may run beside it: it counts what this process holds.</summary>
    public bool Alone { get; init; }

    /// <summary>Whether CI runs it.</summary>
    public bool Ci { get; init; }
}
