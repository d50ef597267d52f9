using System.Diagnostics;

namespace CoturnInterop;

/// <summary>Starts the servers, runs every case, prints a line for each and counts.</summary>
internal sealed class InteropRun
{
    private static readonly TimeSpan s_caseLimit = TimeSpan.FromSeconds(30);

    // Most cases wait for coturn's clock, which ticks in seconds.
    private const int AtATime = 6;

    private readonly Lock _gate = new();
    private int _passed;
    private int _failed;

    /// <returns>The exit code: 0 when every case passed, 1 when one failed, 130 when the run was stopped.</returns>
    public static async Task<int> RunAsync(string filter, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("coturn-").FullName;
        var run = new InteropRun();
        try
        {
            using var certificates = new TestCertificates(folder);
            await using var servers = new Servers(folder, certificates);
            await servers.StartAsync(cancellationToken);
            InteropCase[] cases = [.. AllCases.Of(servers, certificates).Where(c => c.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))];
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(cases.Index(), options, async (c, token) => await run.RunCaseAsync(c.Item, $"case{c.Index}", token));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Console.WriteLine("stopped");
        }
        catch (CaseFailedException exception)
        {
            run.Tell(false, $"FAIL starting coturn: {exception.Message}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Console.WriteLine($"{run._passed} passed, {run._failed} failed");
        return cancellationToken.IsCancellationRequested ? 130 : run._failed == 0 && run._passed > 0 ? 0 : 1;
    }

    private async Task RunCaseAsync(InteropCase test, string user, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_caseLimit);
        var clock = Stopwatch.StartNew();
        string reason;
        try
        {
            string? remark = await test.RunAsync(new CaseContext(test.Server, user, limit.Token));
            Tell(true, $"ok   {test.Name}{(remark is null ? "" : $" ({remark})")}  {clock.ElapsedMilliseconds} ms");
            return;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            reason = $"not done within {s_caseLimit.TotalSeconds:0} s";
        }
#pragma warning disable CA1031 // whatever goes wrong in a case is its result, and the next case shall run
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            reason = exception is CaseFailedException or IOException ? exception.Message : exception.ToString();
        }

        string log = string.Concat(test.Server.LogOf(user).TakeLast(15).Select(l => $"\n     coturn: {l}"));
        Tell(false, $"FAIL {test.Name} {reason}{(log.Length > 0 ? log : "\n     coturn logged nothing for this case")}");
    }

    private void Tell(bool passed, string line)
    {
        lock (_gate)
        {
            Console.WriteLine(line);
            if (passed)
                _passed++;
            else
                _failed++;
        }
    }
}
