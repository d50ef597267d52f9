using System.CommandLine;
using Ice;
using IceTool.Agents;
using IceTool.CommandLine;

namespace IceTool.Nat;

/// <summary><c>ice nat</c>: behind what kind of NAT is this host, whom does it reach, and who needs a relay?</summary>
internal static class NatCommand
{
    public static Command Create()
    {
        var options = new NatCommandOptions();
        var command = new Command("nat", "Find out behind what kind of NAT this host is (RFC 5780, in the words of RFC 4787), which peers it reaches directly and which need a relay.");
        foreach (Option option in options.All)
            command.Options.Add(option);
        command.SetAction((parsed, cancellationToken) => RunAsync(options, parsed, cancellationToken));
        CommandExamples.Attach(
            command,
            [
                new("ice nat --server stun:stun.example.org", "all that a server with a second address can tell, in some ten seconds"),
                new("ice nat --server stun:stun.example.org --server stun:stun.example.net", "the mapping, with two plain servers"),
                new("ice nat --server stun:stun.example.org --lifetime 600", "and how long mappings live, within ten minutes"),
                new("ice nat --server stun:192.0.2.1 --interface eth0 --json", "for a script: the last line is the verdict"),
            ],
            [
                (ExitCode.Success, "a server answered; what could not be told has its reason"), (ExitCode.Failed, "no server answered"),
                (ExitCode.Usage, "the command line is wrong"), (ExitCode.Interrupted, "Ctrl-C came first"),
            ]);
        return command;
    }

    private static async Task<int> RunAsync(NatCommandOptions options, ParseResult parsed, CancellationToken cancellationToken)
    {
        NatRequest request;
        try
        {
            request = options.Read(parsed);
        }
        catch (FormatException exception)
        {
            return await UsageError.TellAsync("nat", exception.Message, Console.Error).ConfigureAwait(false);
        }

        INatReport report = request.Json ? new JsonNatReport(new JsonLines(Console.Out)) : new ConsoleNatReport(Terminal.Create(Console.Out, Console.IsOutputRedirected));
        report.Begin(request.Options);
        try
        {
            NatDiscoveryResult result = await NatDiscovery.RunAsync(request.Options, report, cancellationToken).ConfigureAwait(false);
            report.End(result);
            return result.Interfaces.Any(static i => i.Behavior.Servers.Any(static s => s.Answered)) ? ExitCode.Success : ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }
}
