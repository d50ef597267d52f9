using System.Globalization;
using System.Text.Json;
using Ice.Net;

namespace Bench;

/// <summary>Finds the benchmark that the command line names, runs it and prints its figures.</summary>
internal static class Runner
{
    private const int DefaultRuns = 200;
    private const int ExitUsage = 2;

    private static readonly IBenchmark[] s_benchmarks = [new ConnectBenchmark(), new RoundTripBenchmark(), new RelayBenchmark()];
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Length == 0 || args.Contains("--help") || args.Contains("-h"))
        {
            PrintHelp();
            return args.Length == 0 ? ExitUsage : 0;
        }

        if (Array.Find(s_benchmarks, candidate => candidate.Name == args[0]) is not { } benchmark)
            return Refuse($"There is no benchmark '{args[0]}'.");
        int runs = DefaultRuns;
        bool json = false;
        bool portable = false;
        for (int i = 1; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--json":
                    json = true;
                    break;
                case "--portable":
                    portable = true;
                    break;
                case "--runs" when i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out runs) && runs > 0:
                    i++;
                    break;
                default:
                    return Refuse($"'{args[i]}' is no option, or lacks its value.");
            }
        }

        Print(await benchmark.RunAsync(new BenchSettings(runs, portable ? PortableUdpSocket.Bind : null)), json);
        return 0;
    }

    private static void Print(IReadOnlyList<BenchResult> results, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(results, s_json));
            return;
        }

        foreach (BenchResult result in results)
        {
            string compared = result.Ratio is { } ratio ? $"   baseline {result.Baseline:0.000} {result.Unit}, ratio {ratio:0.000}" : "";
            Console.WriteLine($"{result.Name,-24} {result.Value,10:0.000} {result.Unit,-4} {result.AllocatedBytes,10} B/run{compared}");
        }

        Console.WriteLine(string.Join(", ", results[0].Settings.Select(static setting => $"{setting.Key}: {setting.Value}")));
    }

    private static int Refuse(string problem)
    {
        Console.Error.WriteLine($"{problem} See --help.");
        return ExitUsage;
    }

    private static void PrintHelp()
    {
        Console.WriteLine("dotnet run -c Release --project bench -- <benchmark> [--runs N] [--portable] [--json]");
        foreach (IBenchmark benchmark in s_benchmarks)
            Console.WriteLine($"  {benchmark.Name,-10} {benchmark.Description}");
        Console.WriteLine($"  --runs N   how often to measure; {DefaultRuns} by default");
        Console.WriteLine("  --portable the agents use the sockets of systems other than Linux, to compare");
        Console.WriteLine("  --json     an array of objects: name, value, unit, baseline and ratio where there are, allocated_bytes, settings");
    }
}
