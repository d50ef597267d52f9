using System.CommandLine;
using System.Text;
using IceTool.Agents;
using IceTool.CommandLine;

namespace IceTool.Bridge;

/// <summary><c>ice bridge</c>: a UDP port on this machine and one on another, joined by ICE.</summary>
internal static class BridgeCommand
{
    public static Command Create()
    {
        var options = new BridgeOptions();
        var command = new Command(
            "bridge",
            "Join a UDP port of this machine with one of another by ICE: what an application sends to one comes out at the other. The two sides exchange one line each, by copy and paste or through a folder; keep the lines secret.")
        {
            options.Side,
        };
        foreach (Option option in options.All)
            command.Options.Add(option);
        command.SetAction((parsed, cancellationToken) => RunAsync(options, parsed, cancellationToken));
        CommandExamples.Attach(
            command,
            [
                new("ice bridge offer --listen 127.0.0.1:5000 --server stun:stun.example.org", "here: prints a line for the other side, and waits for its line"),
                new("ice bridge answer --forward 127.0.0.1:5001 --server stun:stun.example.org", "there: paste the line; what comes goes to port 5001"),
                new("ice bridge offer --listen 127.0.0.1:5000 --server turn:turn.example.org --user alice --password secret --policy relay", "through a TURN server only"),
                new("ice bridge answer --forward 127.0.0.1:5001 --signal-dir /mnt/share/bridge", "the lines travel as files in a shared folder"),
                new("openssl s_client -dtls1_2 -mtu 1200 -connect 127.0.0.1:5000", "then, here: DTLS with the 'openssl s_server -dtls1_2 -accept 127.0.0.1:5001' that runs there"),
            ],
            [
                (ExitCode.Success, "it was connected, and Ctrl-C ended it"), (ExitCode.Failed, "no way was found, or it was lost; the message says why"),
                (ExitCode.Usage, "the command line is wrong"), (ExitCode.Interrupted, "Ctrl-C came before it was connected"),
            ]);
        return command;
    }

    private static async Task<int> RunAsync(BridgeOptions options, ParseResult parsed, CancellationToken cancellationToken)
    {
        BridgeSettings settings;
        try
        {
            settings = options.Read(parsed);
        }
        catch (FormatException exception)
        {
            return await UsageError.TellAsync("bridge", exception.Message, Console.Error).ConfigureAwait(false);
        }

        IBridgeReport report = settings.Json
            ? new JsonBridgeReport(new JsonLines(Console.Out))
            : new ConsoleBridgeReport(Console.Out, Terminal.Create(Console.Error, Console.IsErrorRedirected));
        // Not disposed: a read may still wait on it when the session ends.
#pragma warning disable CA2000
        IBridgeSignaling signaling = settings.Folder is { } folder
            ? new FolderSignaling(folder, report, settings.Agent.TimeProvider)
            : new LineSignaling(new StreamReader(Console.OpenStandardInput(), Encoding.UTF8), report);
#pragma warning restore CA2000
        try
        {
            return await new BridgeSession(settings, signaling, report).RunAsync(cancellationToken).ConfigureAwait(false) ? ExitCode.Success : ExitCode.Interrupted;
        }
        catch (BridgeException exception)
        {
            if (settings.Json)
                report.Problem(exception.Message);
            else
                await Console.Error.WriteLineAsync($"ice bridge: {exception.Message}").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }
}
