using System.Diagnostics;
using System.Security.Cryptography;
using BrowserInterop;

namespace DtlsInterop;

/// <summary>Runs every case, prints a line for each and counts.</summary>
internal sealed class InteropRun : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dtls-").FullName;
    private readonly BrowserHost _browsers;
    private readonly RelayServer _relay;

    public InteropRun(string browserExecutable, string iceDll)
    {
        _browsers = new BrowserHost(browserExecutable);
        _relay = new RelayServer(iceDll, Convert.ToHexString(RandomNumberGenerator.GetBytes(8)));
    }

    /// <summary>The exit code: 0 when every case passed, 1 when one failed, 130 when the run was stopped.</summary>
    public async Task<int> RunAsync(string filter, CancellationToken cancellationToken)
    {
        int passed = 0;
        int failed = 0;
        OpenSslCertificate certificate = await OpenSslCertificate.CreateAsync(_folder, cancellationToken);
        foreach (InteropCase test in InteropCase.All.Where(test => test.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)))
        {
            if (cancellationToken.IsCancellationRequested)
                break;
            (bool ok, string line) = await RunCaseAsync(test, certificate, cancellationToken);
            Console.WriteLine(line);
            if (ok)
                passed++;
            else
                failed++;
        }

        Console.WriteLine($"{passed} passed, {failed} failed");
        return cancellationToken.IsCancellationRequested ? 130 : failed == 0 && passed > 0 ? 0 : 1;
    }

    public async ValueTask DisposeAsync()
    {
        await _browsers.DisposeAsync();
        await _relay.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<(bool Passed, string Line)> RunCaseAsync(InteropCase test, OpenSslCertificate certificate, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(InteropCase.Deadline);
        var clock = Stopwatch.StartNew();
        CaseRun? run = null;
        string reason;
        string details = "";
        try
        {
            run = await CaseRun.StartAsync(test, certificate, _browsers, _relay, deadline.Token);
            string remark = await run.RunAsync(deadline.Token);
            return (true, $"ok   {test.Name} ({remark})  {clock.ElapsedMilliseconds} ms");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            reason = $"not done within {InteropCase.Deadline.TotalSeconds:0} s";
        }
#pragma warning disable CA1031 // whatever goes wrong in a case is its result, and the next case shall run
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // Playwright adds the browser's whole log; the reason is the first line.
            reason = $"{(cancellationToken.IsCancellationRequested ? "stopped: " : "")}{exception.Message.Trim().Split('\n')[0]}";
        }
        finally
        {
            if (run is not null)
            {
                details = run.Describe();
                await run.DisposeAsync();
            }
        }

        return (false, $"FAIL {test.Name} {reason}{details}");
    }
}
