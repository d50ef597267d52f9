using System.CommandLine;
using System.Text;
using Ice;
using IceTool.Agents;
using IceTool.CommandLine;

namespace IceTool.Peer;

/// <summary><c>ice peer</c>: an agent driven by JSON lines on standard input, which tells what happens on standard output.</summary>
internal static class PeerCommand
{
    public static Command Create()
    {
        var config = new Argument<string>("config")
        {
            Description = "A JSON object: role, stun, ipv6, components, lite, pacing, nomination, consent, traversal, mdns, mux, addresses, interfaces, ...; {} takes all defaults.",
            DefaultValueFactory = _ => "{}",
        };
        var command = new Command("peer", "Drive an agent with JSON lines on standard input: gather, remote, candidate, end, send, restart, stats, pairs, close.") { config };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(config)!, cancellationToken));
        CommandExamples.Attach(
            command,
            [
                new("ice peer '{\"role\":\"controlling\",\"stun\":[\"192.0.2.1:3478\"]}'", "then type: {\"cmd\":\"gather\"}"),
                new("ice peer '{\"addresses\":[\"127.0.0.1\"]}'", "only this address, for two peers on one machine"),
                new("{\"cmd\":\"remote\",\"ufrag\":\"..\",\"pwd\":\"..\",\"candidates\":[\"candidate:...\"],\"end\":true}", "a line of input: what the other side printed as local and candidate"),
            ],
            [(ExitCode.Success, "the input ended, or {\"cmd\":\"close\"} or Ctrl-C came"), (ExitCode.Usage, "the configuration cannot be used")]);
        return command;
    }

    private static async Task<int> RunAsync(string config, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false));
        var output = new JsonLines(writer);
        // Not disposed: a read may still wait on it when Ctrl-C ends the session.
#pragma warning disable CA2000
        var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
#pragma warning restore CA2000
        try
        {
            var session = new PeerSession(PeerConfig.Parse(config), output);
            await using (session.ConfigureAwait(false))
                await session.RunAsync(input, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C: the session has closed as after {"cmd":"close"}.
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException)
        {
            output.Write(AgentJson.Error(exception.Message));
            await Console.Error.WriteLineAsync($"ice peer: {exception.Message}").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        return ExitCode.Success;
    }
}
