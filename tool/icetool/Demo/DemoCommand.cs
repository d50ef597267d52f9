using System.CommandLine;
using IceTool.Agents;
using IceTool.CommandLine;
using IceTool.Demo.Page;

namespace IceTool.Demo;

/// <summary><c>ice demo</c>: two agents connect on this machine, and a page lets any browser join.</summary>
internal static class DemoCommand
{
    private const int DefaultPort = 8080;

    public static Command Create()
    {
        var port = new Option<int?>("--port", "-p") { Description = $"The page's port on 127.0.0.1; 0 takes a free one. Default: {DefaultPort}, or a free one when that is taken." };
        var once = new Option<bool>("--once") { Description = "Only the two agents: leave when they are done." };
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        port.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int number) && number is < 0 or > 65_535)
                result.AddError("--port must be 0 to 65535.");
        });
        var command = new Command("demo", "Connect two agents on this machine, step by step, and serve a page where any browser connects to an agent by itself.") { port, once, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(port), parsed.GetValue(once), parsed.GetValue(json), cancellationToken));
        CommandExamples.Attach(
            command,
            [
                new("ice demo", $"then open http://127.0.0.1:{DefaultPort}/ in a browser"),
                new("ice demo --once", "does ICE work on this machine? The exit code says"),
                new("ice demo --port 9000 --json", "for a program that watches"),
                new("http://127.0.0.1:8080/?role=answerer&trickle=none", "the agent offers, and candidates go with the descriptions"),
            ],
            [
                (ExitCode.Success, "it worked, or Ctrl-C ended the page"), (ExitCode.Failed, "the agents did not connect; the last line says why"),
                (ExitCode.Usage, "the command line is wrong, or the port given is taken"), (ExitCode.Interrupted, "Ctrl-C came before the agents were done"),
            ]);
        return command;
    }

    private static async Task<int> RunAsync(int? port, bool once, bool json, CancellationToken cancellationToken)
    {
        IDemoNarrator narrator = json ? new JsonNarrator(new JsonLines(Console.Out)) : new ConsoleNarrator(Terminal.Create(Console.Out, Console.IsOutputRedirected));
        try
        {
            if (await new DemoRun(narrator).RunAsync(cancellationToken).ConfigureAwait(false) is not null)
                return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }

        return once ? ExitCode.Success : await ServeAsync(port, narrator, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> ServeAsync(int? port, IDemoNarrator narrator, CancellationToken cancellationToken)
    {
        var page = new DemoPage(narrator);
        await using (page.ConfigureAwait(false))
        {
            try
            {
                Uri url = await page.StartAsync(port ?? DefaultPort, orFree: port is null).ConfigureAwait(false);
                narrator.PageServed(url, port ?? DefaultPort);
            }
            catch (IOException exception)
            {
                await Console.Error.WriteLineAsync($"ice demo: {exception.Message} Choose another port, or leave --port out to have a free one.").ConfigureAwait(false);
                return ExitCode.Usage;
            }

            var interrupted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            CancellationTokenRegistration registration = cancellationToken.Register(interrupted.SetResult);
            await using (registration.ConfigureAwait(false))
                await interrupted.Task.ConfigureAwait(false);
        }

        return ExitCode.Success;
    }
}
