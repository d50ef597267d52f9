using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PeersInterop;

/// <summary>
/// A peer program in a host of the laboratory, ours or another: JSON lines go in and come out. Everything that it says is kept, so that a wait
/// finds also what was said before it began; a mark (<see cref="Mark"/>) makes it look only at what comes later. Thread-safe.
/// </summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly Stopwatch s_clock = Stopwatch.StartNew();

    private readonly Lock _gate = new();
    private readonly List<PeerLine> _lines = [];
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Process _process;
    private readonly Task _reading;
    private readonly Task<string> _errors;
    private TaskCompletionSource _changed = NewSignal();
    private bool _ended;

    private PeerProcess(string name, Process process)
    {
        Name = name;
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    /// <summary>The clock of <see cref="PeerLine.At"/>.</summary>
    public static TimeSpan Now => s_clock.Elapsed;

    /// <summary>Whether every line that goes in or comes out is shown on the error output.</summary>
    public static bool Trace { get; set; }

    /// <summary>What the program is called in messages.</summary>
    public string Name { get; }

    /// <summary>How many lines have come: a place to wait from.</summary>
    public int Mark
    {
        get
        {
            lock (_gate)
                return _lines.Count;
        }
    }

    /// <summary>Starts a program in a host; its last argument is the configuration.</summary>
    public static PeerProcess Start(string name, string host, IReadOnlyList<string> command, JsonObject config)
    {
        string[] arguments = ["netns", "exec", host, .. command, config.ToJsonString()];
        var start = new ProcessStartInfo("ip", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        return new PeerProcess(name, Process.Start(start) ?? throw new CaseFailedException($"{name} does not start"));
    }

    /// <summary>Sends a command without arguments.</summary>
    public Task SendAsync(string command) => SendAsync(new JsonObject { ["cmd"] = command });

    /// <summary>Sends a command. One that the program no longer reads is dropped: waiting for its outcome tells why.</summary>
    public async Task SendAsync(JsonObject command)
    {
        Show(">", command.ToJsonString());
        await _writing.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(command.ToJsonString());
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // The program has ended.
        }
        finally
        {
            _ = _writing.Release();
        }
    }

    /// <summary>Sends a datagram of text over the selected pair.</summary>
    public Task SendDataAsync(string text) => SendAsync(new JsonObject { ["cmd"] = "send", ["data"] = text });

    /// <summary>The lines since a mark.</summary>
    public IReadOnlyList<PeerLine> Lines(int from = 0)
    {
        lock (_gate)
            return _lines[Math.Min(from, _lines.Count)..];
    }

    /// <summary>The last line of a kind since a mark; null when there is none.</summary>
    public PeerLine? Last(string kind, int from = 0) => Lines(from).LastOrDefault(l => l.Event == kind);

    /// <summary>Waits for the first line since a mark that matches.</summary>
    /// <exception cref="CaseFailedException">It has not come in time, or the program has ended.</exception>
    public async Task<PeerLine> WaitAsync(string what, Func<PeerLine, bool> matches, TimeSpan within, CancellationToken cancellationToken, int from = 0)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(within);
        try
        {
            for (int next = from; ;)
            {
                (IReadOnlyList<PeerLine> lines, Task changed, bool ended) = Look(next);
                if (lines.FirstOrDefault(matches) is { } line)
                    return line;
                if (ended)
                    throw new CaseFailedException($"{Name} ended with exit code {_process.ExitCode} before {what}: {await TailOfErrorsAsync()}");
                next += lines.Count;
                await changed.WaitAsync(deadline.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CaseFailedException($"{Name}: no {what} within {within.TotalSeconds:0.#} s{LastWords()}");
        }
    }

    /// <summary>Waits for the next line of a kind since a mark.</summary>
    public Task<PeerLine> WaitAsync(string kind, TimeSpan within, CancellationToken cancellationToken, int from = 0) =>
        WaitAsync($"\"{kind}\"", l => l.Event == kind, within, cancellationToken, from);

    /// <summary>Waits until there is a line since a mark, whatever it is; false when the program has ended without one.</summary>
    public async Task<bool> WaitForMoreAsync(int from, CancellationToken cancellationToken)
    {
        while (true)
        {
            (IReadOnlyList<PeerLine> lines, Task changed, bool ended) = Look(from);
            if (lines.Count > 0 || ended)
                return lines.Count > 0;
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends the program and what it has started with SIGKILL: its peer hears nothing of it.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
    }

    public async ValueTask DisposeAsync()
    {
        await SendAsync("close");
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Kill();
        }

        await _reading;
        _process.Dispose();
        _writing.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private (IReadOnlyList<PeerLine> Lines, Task Changed, bool Ended) Look(int from)
    {
        lock (_gate)
            return (_lines[Math.Min(from, _lines.Count)..], _changed.Task, _ended);
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } text)
        {
            // What a library prints of its own is no line of the protocol.
            if (text.StartsWith('{'))
                Keep(text);
        }

        await _process.WaitForExitAsync();
        lock (_gate)
            _ended = true;
        Signal();
    }

    private void Keep(string text)
    {
        Show("<", text);
        using var document = JsonDocument.Parse(text);
        lock (_gate)
            _lines.Add(new PeerLine(_lines.Count, Now, document.RootElement.Clone()));
        Signal();
    }

    private void Show(string direction, string text)
    {
        if (Trace)
            Console.Error.WriteLine($"{Now.TotalSeconds,8:0.000} {Name} {_process.Id} {direction} {text}");
    }

    private void Signal()
    {
        TaskCompletionSource signal;
        lock (_gate)
        {
            signal = _changed;
            _changed = NewSignal();
        }

        signal.SetResult();
    }

    private string LastWords()
    {
        IEnumerable<PeerLine> words = Lines().Where(l => l.Event is "state" or "error" or "pair").TakeLast(4);
        string text = string.Join(", ", words.Select(w => w.Event == "state" ? w.Text("state") : w.Json.GetRawText()));
        return text.Length > 0 ? $" (last: {text})" : "";
    }

    private async Task<string> TailOfErrorsAsync() => string.Join(" / ", (await _errors).Trim().Split('\n').TakeLast(3));
}
