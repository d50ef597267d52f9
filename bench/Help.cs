namespace Bench;

/// <summary>What <c>--help</c> prints.</summary>
internal static class Help
{
    public static void Print(TextWriter output, IReadOnlyList<IBenchmark> benchmarks)
    {
        output.WriteLine("""
            dotnet run -c Release --project bench -- NAME [--json] [--against PEER] [--runs N] [--pairs N] [--seconds S] [--process-pacer] [--mux] [--portable]

            Measures one thing on this machine. Close what else is busy; figures of one run compare with each other, not with those of another machine.

            """);
        foreach (IBenchmark benchmark in benchmarks)
        {
            output.WriteLine($"  {benchmark.Name,-14} {benchmark.Description}");
            string peers = benchmark.Peers.Count == 0 ? "" : $"; --against {string.Join(" | ", benchmark.Peers)}";
            output.WriteLine($"  {"",-14} {benchmark.DefaultRuns} runs{peers}");
        }

        output.WriteLine("""

              --json          one line with one object: name, value, unit, allocated_bytes (per operation), baseline (of the same run; null without
                              one), ratio (value / baseline) and settings, those of the figure that counts most. With --against also against,
                              against_value and against_ratio (value / against_value). "figures" is an array of all figures, that one first,
                              each such an object
              --against PEER  builds the peer's program from Debian's packages and measures it in turns with ours, A B A B
              --runs N        how often to measure
              --pairs N       how many pairs of agents at once (many, idle)
              --seconds S     how long to measure over (idle); 30 by default
              --process-pacer the agents share the process's pacer, one transaction every 5 ms in all (RFC 8445 section 14.2), instead of each
                              having one of its own (many, idle)
              --mux           the agents of each side are behind one port, instead of having sockets of their own (idle)
              --portable      the agents use the sockets of systems other than Linux, to compare

            Examples:
              dotnet run -c Release --project bench -- connect
              dotnet run -c Release --project bench -- connect --against pion --runs 50
              dotnet run -c Release --project bench -- connect --json | jq .ratio
              dotnet run -c Release --project bench -- many --pairs 5000
              dotnet run -c Release --project bench -- idle --mux
              dotnet run -c Release --project bench -- data --against pion
            """);
    }
}
