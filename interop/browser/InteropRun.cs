using System.Diagnostics;
using System.Security.Cryptography;

namespace BrowserInterop;

/// <summary>Runs every case, prints a line for each and counts.</summary>
internal sealed class InteropRun(string browserExecutable, string iceDll) : IAsyncDisposable
{
    private readonly BrowserHost _browsers = new(browserExecutable);
    private readonly RelayServer _relay = new(iceDll, Convert.ToHexString(RandomNumberGenerator.GetBytes(8)));
    private readonly IceProcess _demo = IceProcess.Start(iceDll, ["demo", "--json", "--port", "0"]);

    /// <summary>The exit code: 0 when every case passed, 1 when one failed, 130 when the run was stopped.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        int passed = 0;
        int failed = 0;
        foreach (InteropCase test in InteropCase.All)
        {
            if (cancellationToken.IsCancellationRequested)
                break;
            (bool ok, string line) = await RunCaseAsync(test, cancellationToken);
            Console.WriteLine(line);
            if (ok)
                passed++;
            else
                failed++;
        }

        Console.WriteLine($"{passed} passed, {failed} failed");
        return cancellationToken.IsCancellationRequested ? 130 : failed == 0 && passed == InteropCase.All.Count ? 0 : 1;
    }

    public async ValueTask DisposeAsync()
    {
        await _browsers.DisposeAsync();
        await _demo.DisposeAsync();
        await _relay.DisposeAsync();
    }

    private async Task<(bool Passed, string Line)> RunCaseAsync(InteropCase test, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(InteropCase.Deadline);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var clock = Stopwatch.StartNew();
        try
        {
            TimeSpan connected = test.Demo
                ? await DemoPageCase.RunAsync(test, _browsers, _demo, both.Token)
                : await PlainPageCase.RunAsync(test, _browsers, _relay, iceDll, both.Token);
            return (true, $"ok   {test.Name}  {connected.TotalMilliseconds:0} ms");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, $"FAIL {test.Name} not connected within {InteropCase.Deadline.TotalSeconds:0} s (after {clock.Elapsed.TotalSeconds:0.0} s)");
        }
#pragma warning disable CA1031 // whatever goes wrong in a case is its result, and the next case shall run
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // Playwright adds the browser's whole log; the reason is the first line.
            return (false, $"FAIL {test.Name} {(cancellationToken.IsCancellationRequested ? "stopped: " : "")}{exception.Message.Trim().Split('\n')[0]}");
        }
    }
}
