namespace PeersInterop;

/// <summary>Makes the laboratory and runs the cases in it.</summary>
internal sealed class InteropRun(PeerKinds kinds, CommandLine asked)
{
    // A guard against hangs; the cases have limits of their own.
    private static readonly TimeSpan s_caseLimit = TimeSpan.FromMinutes(5);

    private readonly Report _report = new(asked);

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await Lab.BuildAsync();
        using var wire = new Wire();
        using Coturn coturn = await Coturn.StartAsync(Path.GetTempPath(), cancellationToken);
        try
        {
            await RunCasesAsync(wire, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("stopped");
        }

        _report.Finish();
        return cancellationToken.IsCancellationRequested ? 130 : _report.Failed == 0 && _report.Passed > 0 ? 0 : 1;
    }

    // The long cases mostly wait: they run beside the others, of which as many run at a time as there are processors.
    private async Task RunCasesAsync(Wire wire, CancellationToken cancellationToken)
    {
        (PeerKind Peer, InteropCase Case)[] cells = [.. from test in asked.Cases from peer in asked.Peers select (peer, test)];
        foreach ((PeerKind peer, InteropCase test) in cells)
        {
            if (ReasonAgainst(peer, test) is { } reason)
                _report.Add(new Cell(peer.Name, test.Name, Outcome.Dash, TimeSpan.Zero, reason));
        }

        ILookup<bool, (PeerKind Peer, InteropCase Case)> runs = cells.Where(c => ReasonAgainst(c.Peer, c.Case) is null && !c.Case.Alone).ToLookup(c => c.Case.Long);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        await Task.WhenAll(
            Task.WhenAll(runs[true].Select(c => RunCaseAsync(c.Peer, c.Case, wire, cancellationToken))),
            Parallel.ForEachAsync(runs[false], options, async (c, token) => await RunCaseAsync(c.Peer, c.Case, wire, token)));
        foreach ((PeerKind peer, InteropCase test) in cells.Where(c => ReasonAgainst(c.Peer, c.Case) is null && c.Case.Alone))
            await RunCaseAsync(peer, test, wire, cancellationToken);
    }

    private static string? ReasonAgainst(PeerKind peer, InteropCase test) => test.Needs.Select(n => peer.Lacks.GetValueOrDefault(n)).FirstOrDefault(r => r is not null);

    private async Task RunCaseAsync(PeerKind peer, InteropCase test, Wire wire, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_caseLimit);
        TimeSpan start = PeerProcess.Now;
        Outcome outcome = Outcome.Failed;
        string remark;
        try
        {
            await using var context = new CaseContext(kinds, peer, wire, limit.Token);
            remark = await test.RunAsync(context) ?? "";
            outcome = Outcome.Passed;
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

        _report.Add(new Cell(peer.Name, test.Name, outcome, PeerProcess.Now - start, remark));
    }
}
