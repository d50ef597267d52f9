using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bench;

/// <summary>
/// A peer's program at work: a question is a line of JSON on its standard input, the answer a line of JSON on its standard output. It waits for the
/// next question in between, so that it can be measured in turns with ours. It ends when its standard input does.
/// </summary>
internal sealed class PeerProgram : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly PeerSource _source;
    private readonly Process _process;
    private readonly Task<string> _errors;

    private PeerProgram(PeerSource source, Process process)
    {
        _source = source;
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Builds the program where need be, and starts it.</summary>
    /// <exception cref="BenchException">It cannot be built.</exception>
    public static async Task<PeerProgram> StartAsync(PeerSource source, params IReadOnlyList<string> arguments)
    {
        string[] command = [.. await PeerBuilder.BuildAsync(source), .. arguments];
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        return new PeerProgram(source, Process.Start(start) ?? throw new BenchException($"{command[0]} does not start."));
    }

    /// <summary>Asks, and waits for the answer.</summary>
    /// <exception cref="BenchException">There is none in time, or it says <c>error</c>; the message holds what the program said.</exception>
    public async Task<JsonObject> AskAsync(JsonObject question, TimeSpan within)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(question.ToJsonString());
            await _process.StandardInput.FlushAsync();
            while (await _process.StandardOutput.ReadLineAsync().WaitAsync(within) is { } text)
            {
                // What a library prints of its own is no answer.
                if (!text.StartsWith('{') || JsonNode.Parse(text) is not JsonObject answer)
                    continue;
                return answer["error"] is { } error ? throw new BenchException($"{_source.Peer}'s program: {error}") : answer;
            }
        }
        catch (TimeoutException exception)
        {
            throw new BenchException($"{_source.Peer}'s program did not answer {question.ToJsonString()} within {within.TotalSeconds:0} s.", exception);
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            throw new BenchException($"{_source.Peer}'s program: {exception.Message}", exception);
        }

        await _process.WaitForExitAsync();
        throw new BenchException($"{_source.Peer}'s program ended with exit code {_process.ExitCode}: {(await _errors).Trim()}");
    }

    /// <summary>The array of numbers of an answer.</summary>
    /// <exception cref="BenchException">The answer has no such array.</exception>
    public IReadOnlyList<double> Numbers(JsonObject answer, string name) => answer[name] is JsonArray numbers
        ? [.. numbers.Select(static number => number!.GetValue<double>())]
        : throw new BenchException($"{_source.Peer}'s program answered without \"{name}\": {answer.ToJsonString()}");

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(s_patience);
        }
        catch (Exception exception) when (exception is TimeoutException or IOException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
