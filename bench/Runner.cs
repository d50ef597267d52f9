using Ice.Net;

namespace Bench;

/// <summary>Finds the benchmark that the command line names, runs it and prints its figures.</summary>
internal static class Runner
{
    private const int ExitFailed = 1;
    private const int ExitUsage = 2;

    private static readonly IBenchmark[] s_benchmarks =
    [
        new ConnectBenchmark(),
        new ConnectRttBenchmark(),
        new ConnectDeadBenchmark(),
        new DataBenchmark(),
        new DataBatchBenchmark(),
        new RelayBenchmark(), new RelayCostBenchmark(),
        new ManyBenchmark(),
        new IdleBenchmark(),
        new StunParseBenchmark(),
        new StunBuildBenchmark(),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        CommandLine line = CommandLine.Parse(args, s_benchmarks);
        if (line.Help)
        {
            Help.Print(Console.Out, s_benchmarks);
            return 0;
        }

        if (line.Problem is not null || line.Benchmark is not { } benchmark)
        {
            await Console.Error.WriteLineAsync($"{line.Problem} See --help.");
            return ExitUsage;
        }

        try
        {
            IReadOnlyList<BenchResult> figures = await benchmark.RunAsync(new BenchSettings(line.Runs ?? benchmark.DefaultRuns, line.Portable ? PortableUdpSocket.Bind : null)
            {
                Against = line.Against,
                Pairs = line.Pairs,
                Interval = TimeSpan.FromSeconds(line.Seconds ?? 30),
                ProcessPacer = line.ProcessPacer,
                Mux = line.Mux,
                Progress = new Progress(Console.Error),
            });
            if (line.Json)
                Console.WriteLine(Report.ToJson(benchmark.Name, figures));
            else
                Report.Print(Console.Out, figures);
            return 0;
        }
        catch (BenchException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return ExitFailed;
        }
    }
}
