namespace Bench.Tests;

/// <summary>A benchmark with a name and peers, that measures nothing.</summary>
internal sealed class FakeBenchmark(string name, params IReadOnlyList<string> peers) : IBenchmark
{
    public string Name => name;

    public string Description => "nothing";

    public IReadOnlyList<string> Peers => peers;

    public Task<IReadOnlyList<BenchResult>> RunAsync(BenchSettings settings) => throw new NotSupportedException();
}
