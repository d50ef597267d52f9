namespace Bench;

/// <summary>A benchmark, run by its name.</summary>
internal interface IBenchmark
{
    /// <summary>The word on the command line.</summary>
    string Name { get; }

    /// <summary>What it measures, for <c>--help</c>.</summary>
    string Description { get; }

    /// <summary>Measures.</summary>
    Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings);
}
