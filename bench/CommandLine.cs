using System.Globalization;

namespace Bench;

/// <summary>The words after <c>--</c>.</summary>
internal sealed record CommandLine
{
    public IBenchmark? Benchmark { get; private init; }

    public bool Help { get; private init; }

    public bool Json { get; private init; }

    public bool Portable { get; private init; }

    public int? Runs { get; private init; }

    public int? Pairs { get; private init; }

    public int? Seconds { get; private init; }

    public bool ProcessPacer { get; private init; }

    public bool Mux { get; private init; }

    public string? Against { get; private init; }

    /// <summary>What is wrong with it, and what would be right; null when nothing is.</summary>
    public string? Problem { get; private init; }

    public static CommandLine Parse(IReadOnlyList<string> arguments, IReadOnlyList<IBenchmark> benchmarks)
    {
        if (arguments.Contains("--help") || arguments.Contains("-h"))
            return new CommandLine { Help = true };
        CommandLine line = new();
        for (int i = 0; i < arguments.Count && line.Problem is null; i++)
        {
            string word = arguments[i];
            string? value = i + 1 < arguments.Count ? arguments[i + 1] : null;
            switch (word)
            {
                case "--json":
                    line = line with { Json = true };
                    break;
                case "--portable":
                    line = line with { Portable = true };
                    break;
                case "--process-pacer":
                    line = line with { ProcessPacer = true };
                    break;
                case "--mux":
                    line = line with { Mux = true };
                    break;
                case "--runs" or "--pairs" or "--seconds":
                    bool valid = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0;
                    line = valid ? line.TakeNumber(word, number) : line with { Problem = $"{word} needs a whole number above 0: {word} 200" };
                    i++;
                    break;
                case "--against":
                    line = value is null ? line with { Problem = "--against needs the name of a peer: --against pion" } : line with { Against = value };
                    i++;
                    break;
                default:
                    line = line.Take(word, benchmarks);
                    break;
            }
        }

        return line.Problem is null ? line.Check() : line;
    }

    private CommandLine TakeNumber(string option, int number) => option switch
    {
        "--runs" => this with { Runs = number },
        "--pairs" => this with { Pairs = number },
        _ => this with { Seconds = number },
    };

    private CommandLine Take(string word, IReadOnlyList<IBenchmark> benchmarks)
    {
        if (word.StartsWith('-'))
            return this with { Problem = $"There is no option '{word}'." };
        if (Benchmark is not null)
            return this with { Problem = $"One benchmark at a time: '{Benchmark.Name}' or '{word}'." };
        IBenchmark? named = benchmarks.FirstOrDefault(benchmark => benchmark.Name == word);
        return named is null
            ? this with { Problem = $"There is no benchmark '{word}'. There are: {string.Join(", ", benchmarks.Select(static benchmark => benchmark.Name))}." }
            : this with { Benchmark = named };
    }

    private CommandLine Check()
    {
        if (Benchmark is null)
            return this with { Problem = "Name a benchmark." };
        if (Against is null || Benchmark.Peers.Contains(Against))
            return this;
        return this with
        {
            Problem = Benchmark.Peers.Count == 0
                ? $"'{Benchmark.Name}' is not run against a peer."
                : $"'{Benchmark.Name}' is not run against '{Against}', but against: {string.Join(", ", Benchmark.Peers)}.",
        };
    }
}
