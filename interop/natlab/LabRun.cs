using System.Diagnostics;
using NatLab.Agents;
using NatLab.Cases;
using NatLab.Network;
using PeersInterop;

namespace NatLab;

/// <summary>Makes the laboratory and runs the cases in it.</summary>
internal sealed class LabRun(Programs programs, CommandLine asked)
{
    // A guard against hangs; the cases have limits of their own.
    private static readonly TimeSpan s_caseLimit = TimeSpan.FromMinutes(8);

    private readonly Report _report = new(asked.Json);

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Internet.BuildAsync();
            using Server coturn = await Server.StartCoturnAsync(Path.GetTempPath(), cancellationToken);
            foreach (LabCase grid in asked.Cases.Where(static c => c.Grid))
                await RunCaseAsync(grid, coturn, cancellationToken);
            // The others mostly wait.
            var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount * 2, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(asked.Cases.Where(static c => !c.Grid), options, async (c, token) => await RunCaseAsync(c, coturn, token));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("stopped");
        }

        _report.Finish();
        return cancellationToken.IsCancellationRequested ? 130 : _report is { Failed: 0, Passed: > 0 } ? 0 : 1;
    }

    private async Task RunCaseAsync(LabCase test, Server coturn, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_caseLimit);
        long start = Stopwatch.GetTimestamp();
        bool passed = false;
        string remark;
        try
        {
            remark = await test.RunAsync(new LabContext(coturn, programs, _report, limit.Token));
            passed = true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            remark = $"not done within {s_caseLimit.TotalMinutes:0} minutes";
        }
#pragma warning disable CA1031 // whatever goes wrong in a case is its result, and the next case shall run
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            remark = exception is CaseFailedException ? exception.Message : exception.ToString();
        }

        if (test.Grid && passed)
            _report.AddGrid(test.Name, Stopwatch.GetElapsedTime(start), remark);
        else
            _report.AddCase(test.Name, passed, Stopwatch.GetElapsedTime(start), remark);
    }
}
