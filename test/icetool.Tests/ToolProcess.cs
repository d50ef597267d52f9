using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using IceTool.CommandLine;

namespace IceTool.Tests;

/// <summary>The real program in a process of its own.</summary>
internal sealed class ToolProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Dictionary<string, JsonObject> _last = [];
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private ToolProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static ToolProcess Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(IceCommandLine).Assembly.Location);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return new ToolProcess(Process.Start(start)!);
    }

    /// <summary>Runs the program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        await using ToolProcess process = Start(arguments);
        process._process.StandardInput.Close();
        var lines = new List<string>();
        await foreach (string line in process._lines.Reader.ReadAllAsync(cancellationToken))
            lines.Add(line);
        return (await process.WaitForExitAsync(cancellationToken), string.Join('\n', lines), await process._errors);
    }

    /// <summary>The next line of output as JSON, of one kind if that is said; others before it are left out.</summary>
    public async Task<JsonObject> NextAsync(CancellationToken cancellationToken, string? kind = null)
    {
        while (true)
        {
            string line;
            try
            {
                line = await _lines.Reader.ReadAsync(cancellationToken);
            }
            catch (ChannelClosedException)
            {
                throw new AssertionException($"the program ended (exit code {_process.ExitCode}) before it said {kind ?? "anything more"}: {await _errors}");
            }

            JsonObject parsed = JsonNode.Parse(line)!.AsObject();
            if ((string?)parsed["ev"] is { } said)
                _last[said] = parsed;
            if (kind is null || (string?)parsed["ev"] == kind)
                return parsed;
        }
    }

    /// <summary>The last line of a kind among those that were read so far.</summary>
    public JsonObject Last(string kind) => _last.GetValueOrDefault(kind) ?? throw new AssertionException($"the program has not said {kind} yet");

    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    public Task SendAsync(object command) => WriteLineAsync(JsonSerializer.Serialize(command));

    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>What Ctrl-C does.</summary>
    public async Task InterruptAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-INT", $"{_process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            _ = _lines.Writer.TryWrite(line);
        await _process.WaitForExitAsync();
        _lines.Writer.Complete();
    }
}
