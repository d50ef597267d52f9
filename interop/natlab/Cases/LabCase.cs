namespace NatLab.Cases;

/// <summary>Something to show in the laboratory.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="About">What has to hold.</param>
/// <param name="RunAsync">Does it; throws when it goes wrong. Returns what was seen.</param>
internal sealed record LabCase(string Name, string About, Func<LabContext, Task<string>> RunAsync)
{
    /// <summary>Whether it is a grid, which reports each of its cells by itself.</summary>
    public bool Grid { get; init; }

    /// <summary>Whether CI runs it.</summary>
    public bool Ci { get; init; }
}
