using System.CommandLine;
using Ice;
using IceTool.Agents;
using IceTool.CommandLine;
using Spectre.Console;

namespace IceTool.Gather;

/// <summary><c>ice gather</c>: which candidates does this machine have, and what do the servers say?</summary>
internal static class GatherCommand
{
    public static Command Create()
    {
        var servers = new Option<string[]>("--server", "-s")
        {
            Description = "A server to ask, such as stun:stun.example.org or stun:192.0.2.1:3478. Repeatable.",
            DefaultValueFactory = _ => [],
        };
        var timeout = new Option<int>("--timeout", "-t") { Description = "How many seconds a server (and the resolution of its name) may take.", DefaultValueFactory = _ => 10 };
        var loopback = new Option<bool>("--loopback") { Description = "Take loopback addresses too." };
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        servers.Validators.Add(result =>
        {
            foreach (string url in result.Tokens.Select(t => t.Value).Where(v => !IsUrl(v)))
                result.AddError($"'{url}' is no server: write it as stun:HOST or stun:HOST:PORT.");
        });
        timeout.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int seconds) && seconds is < 1 or > 600)
                result.AddError("--timeout must be 1 to 600 seconds.");
        });
        var command = new Command("gather", "Gather candidates and print each as it comes, with every server's answer or the reason it gave none.") { servers, timeout, loopback, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(servers)!, TimeSpan.FromSeconds(parsed.GetValue(timeout)), parsed.GetValue(loopback), parsed.GetValue(json), cancellationToken));
        CommandExamples.Attach(
            command,
            [
                new("ice gather", "the host candidates of this machine"),
                new("ice gather --server stun:stun.example.org --server stun:192.0.2.1:3478", "and what two servers see of it"),
                new("ice gather --server stun:stun.example.org --json | grep '\"server\"'", "is the server up? One line for each local address"),
            ],
            [
                (ExitCode.Success, "there is a candidate, and every server answered"), (ExitCode.Failed, "there is none, or a server did not answer"),
                (ExitCode.Usage, "the command line is wrong"), (ExitCode.Interrupted, "Ctrl-C came first"),
            ]);
        return command;
    }

    private static bool IsUrl(string text)
    {
        string[] schemes = ["stun:", "stuns:", "turn:", "turns:"];
        return schemes.Any(s => text.StartsWith(s, StringComparison.OrdinalIgnoreCase) && text.Length > s.Length);
    }

    // A server on this machine is reached from loopback addresses only.
    private static bool IsOnLoopback(string url)
    {
        string[] hosts = ["127.", "[::1]", "localhost"];
        return hosts.Any(h => url[(url.IndexOf(':', StringComparison.Ordinal) + 1)..].StartsWith(h, StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<int> RunAsync(string[] servers, TimeSpan timeout, bool loopback, bool json, CancellationToken cancellationToken)
    {
        GatherReport report = json ? new JsonGatherReport(new JsonLines(Console.Out)) : new ConsoleGatherReport(Terminal.Create(Console.Out, Console.IsOutputRedirected));
        var agent = new IceAgent(new IceAgentOptions
        {
            Servers = [.. servers.Select(s => new IceServer(s))],
            GatheringTimeout = timeout,
            IncludeLoopback = loopback || servers.Any(IsOnLoopback) || LocalAddresses.OnlyLoopback(null, ipv6: true),
        });
        await using (agent.ConfigureAwait(false))
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            AgentWatch.Attach(agent, args =>
            {
                report.Take(args);
                if (ReferenceEquals(args, EventArgs.Empty))
                    done.TrySetResult();
            });
            report.Begin();
            agent.StartGathering();
            try
            {
                await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return ExitCode.Interrupted;
            }
        }

        return report.Finish(servers) ? ExitCode.Success : ExitCode.Failed;
    }
}
