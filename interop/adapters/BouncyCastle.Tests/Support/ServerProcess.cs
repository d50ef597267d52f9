using System.Diagnostics;

namespace Ice.BouncyCastle.Tests;

/// <summary>A server program: what it prints can be waited for, what it reads can be written. Killed when disposed of.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly Process _process;
    private bool _disposed;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process process) => _process = process;

    /// <summary>Starts it and waits for the line that says that it listens.</summary>
    public static async Task<ServerProcess> StartAsync(string program, string package, string ready, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new AssertionException($"{program} cannot be started ({exception.Message}): apt-get install {package}");
        }

        ServerProcess server = new(process);
        process.OutputDataReceived += (_, line) => server.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => server.Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await server.PrintedAsync(ready);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public Task WriteAsync(string line) => _process.StandardInput.WriteAsync(line + "\n").ContinueWith(_ => _process.StandardInput.FlushAsync(), TaskScheduler.Default).Unwrap();

    /// <summary>Waits until it has printed a text, so many times.</summary>
    public async Task PrintedAsync(string text, int times = 1)
    {
        using CancellationTokenSource timeout = new(AgentPair.Limit);
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (_lines.Count(line => line.Contains(text, StringComparison.Ordinal)) >= times)
                    return;
                more = _more.Task;
            }

            try
            {
                await more.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new AssertionException($"it did not print '{text}' {times} times in {AgentPair.Limit.TotalSeconds} s, but:\n{Output()}");
            }
        }
    }

    public string Output()
    {
        lock (_gate)
            return string.Join('\n', _lines.TakeLast(40));
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_gate)
        {
            _lines.Add(line);
            _more.TrySetResult();
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
