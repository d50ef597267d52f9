using System.CommandLine;
using System.Diagnostics;
using Ice.Simulation;
using IceTool.Agents;
using IceTool.CommandLine;
using IceTool.Simulate.Plots;

namespace IceTool.Simulate;

/// <summary><c>ice simulate</c>: sessions between sites behind every kind of NAT, in virtual time.</summary>
internal static class SimulateCommand
{
    private static readonly (int, string)[] s_exitCodes =
    [
        (ExitCode.Success, "every session ended as the oracle had said"), (ExitCode.Failed, "some did not; the report names them"),
        (ExitCode.Usage, "the command line or the distribution is wrong"), (ExitCode.Interrupted, "Ctrl-C came first"),
    ];

    public static Command Create()
    {
        var options = new SimulateOptions();
        var command = new Command(
            "simulate", "Simulate sessions between sites behind every kind of NAT and firewall, and show how many connect directly, through a relay or not at all, and how fast.");
        foreach (Option option in options.OfPopulation)
            command.Options.Add(option);
        command.SetAction((parsed, cancellationToken) => RunAsync(options, parsed, grid: false, cancellationToken));
        command.Subcommands.Add(CreateGrid(options));
        CommandExamples.Attach(
            command,
            [
                new("ice simulate --sessions 100000 --seed 1", "a population of sites, and a page to look at: ice-simulate/index.html"),
                new("ice simulate --compare --guess-sockets 256", "the same without and with port prediction, and with many sockets"),
                new("ice simulate grid", "every kind of site against every other"),
                new("ice simulate --distribution mine.json --json", "a population of one's own, for a script"),
                new("ice simulate --session 17 --pcap 17.pcapng", "one session, for Wireshark"),
            ],
            s_exitCodes);
        return command;
    }

    private static Command CreateGrid(SimulateOptions options)
    {
        var command = new Command("grid", "Every kind of site against every other: public, the nine NATs of RFC 4787, a carrier's NAT, UDP blocked, TCP to port 443 only.");
        foreach (Option option in options.OfGrid)
            command.Options.Add(option);
        command.SetAction((parsed, cancellationToken) => RunAsync(options, parsed, grid: true, cancellationToken));
        CommandExamples.Attach(
            command,
            [
                new("ice simulate grid --families both", "with IPv6 beside IPv4"),
                new("ice simulate grid --runs 40 --out grid", "ten times as many sessions, and the pictures in grid/"),
            ],
            s_exitCodes);
        return command;
    }

    private static async Task<int> RunAsync(SimulateOptions options, ParseResult parsed, bool grid, CancellationToken cancellationToken)
    {
        try
        {
            SimulateRequest request = options.Read(parsed, grid);
            return request.Pcap is null
                ? await Task.Run(() => RunAll(request, cancellationToken), cancellationToken).ConfigureAwait(false)
                : RunOne(request, request.Pcap);
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            return await UsageError.TellAsync("simulate", exception.Message, Console.Error).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static int RunAll(SimulateRequest request, CancellationToken cancellationToken)
    {
        // First, so that a directory that cannot be written is known before the work is done.
        if (request.Directory is not null)
            _ = Directory.CreateDirectory(request.Directory);
        long start = Stopwatch.GetTimestamp();
        List<SimulationSummary> summaries = RunVariants(request.Settings, cancellationToken);
        if (request.Directory is not null)
            ReportFiles.Write(request.Directory, summaries);
        if (request.Json)
            new JsonLines(Console.Out).Write(JsonSimulateReport.Of(summaries));
        else
            new ConsoleSimulateReport(Terminal.Create(Console.Out, Console.IsOutputRedirected)).Write(summaries, Stopwatch.GetElapsedTime(start), request.Directory);
        return summaries.TrueForAll(static summary => summary.Statistics.Unexpected == 0) ? ExitCode.Success : ExitCode.Failed;
    }

    private static List<SimulationSummary> RunVariants(SimulateSettings settings, CancellationToken cancellationToken)
    {
        using var progress = new ProgressLine(Console.Error, !Console.IsErrorRedirected, settings.Sessions * settings.Variants.Count);
        List<SimulationSummary> summaries = [];
        foreach (SimulateVariant variant in settings.Variants)
        {
            long before = settings.Sessions * summaries.Count;
            SessionStatistics statistics = SimulationRun.Run(settings, variant, done => progress.Tell(before + done), cancellationToken);
            summaries.Add(new SimulationSummary(settings, variant, statistics));
        }

        return summaries;
    }

    private static int RunOne(SimulateRequest request, string file)
    {
        SessionPlan plan = request.Settings.PlanOf(request.Session, request.Settings.Variants[0]);
        using FileStream capture = File.Create(file);
        SessionResult result = SessionRun.Run(plan, capture);
        if (request.Json)
            new JsonLines(Console.Out).Write(JsonSimulateReport.Of(result));
        else
            new ConsoleSimulateReport(Terminal.Create(Console.Out, Console.IsOutputRedirected)).Write(result, file);
        return result.IsAsExpected ? ExitCode.Success : ExitCode.Failed;
    }
}
