using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace BrowserInterop;

/// <summary>The real <c>ice</c> program, spoken to in JSON lines.</summary>
internal sealed class IceProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly Channel<JsonElement> _lines = Channel.CreateUnbounded<JsonElement>();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private IceProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static IceProcess Start(string dll, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[dll, .. arguments])
            start.ArgumentList.Add(argument);
        return new IceProcess(Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start."));
    }

    public async Task SendAsync(JsonObject command)
    {
        await _writing.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(command.ToJsonString());
            await _process.StandardInput.FlushAsync();
        }
        finally
        {
            _ = _writing.Release();
        }
    }

    /// <summary>The next line; throws when the program has ended.</summary>
    public async ValueTask<JsonElement> NextAsync(CancellationToken cancellationToken)
    {
        JsonElement line;
        while (!_lines.Reader.TryRead(out line))
            await WaitForLineAsync(cancellationToken);
        return line;
    }

    /// <summary>The next line of one kind; those before it are left out.</summary>
    public async ValueTask<JsonElement> NextAsync(string kind, CancellationToken cancellationToken)
    {
        while (true)
        {
            JsonElement line = await NextAsync(cancellationToken);
            if (line.Is(kind))
                return line;
        }
    }

    /// <summary>Waits until a line can be taken, without taking it; throws when the program has ended.</summary>
    public async Task WaitForLineAsync(CancellationToken cancellationToken)
    {
        if (!await _lines.Reader.WaitToReadAsync(cancellationToken))
            throw new InvalidOperationException($"the ice program ended with exit code {_process.ExitCode}: {(await _errors).Trim()}");
    }

    /// <summary>Takes a line that is there already.</summary>
    public bool TryNext(out JsonElement line) => _lines.Reader.TryRead(out line);

    public async ValueTask DisposeAsync()
    {
        // The end of its input, or the signal of Ctrl-C, ends the program; only one that hangs is killed.
        _process.StandardInput.Close();
        if (!_process.HasExited)
        {
            using var stop = Process.Start(new ProcessStartInfo("kill", ["-INT", _process.Id.ToString()]) { RedirectStandardError = true })!;
            await stop.WaitForExitAsync();
        }

        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"the ice program did not end within {s_patience.TotalSeconds:0} s after Ctrl-C");
        }
        finally
        {
            await _reading;
            _process.Dispose();
            _writing.Dispose();
        }
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            _ = _lines.Writer.TryWrite(document.RootElement.Clone());
        }

        await _process.WaitForExitAsync();
        _lines.Writer.Complete();
    }
}
