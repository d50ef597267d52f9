namespace Bench;

/// <summary>A benchmark, run by its name.</summary>
internal interface IBenchmark
{
    /// <summary>The word on the command line.</summary>
    string Name { get; }

    /// <summary>What it measures, for <c>--help</c>.</summary>
    string Description { get; }

    /// <summary>How often it measures when the command line does not say.</summary>
    int DefaultRuns => 200;

    /// <summary>The peers that it can be run against.</summary>
    IReadOnlyList<string> Peers => [];

    /// <summary>Measures.</summary>
    /// <returns>The figures, one at least; the first is the one that counts.</returns>
    /// <exception cref="BenchException">It cannot be measured here; the message says why and what to do.</exception>
    Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings);
}
