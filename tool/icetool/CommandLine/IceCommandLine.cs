using System.CommandLine;
using System.Runtime.InteropServices;
using IceTool.Bridge;
using IceTool.Demo;
using IceTool.Gather;
using IceTool.Nat;
using IceTool.Peer;
using IceTool.Serve;
using IceTool.Simulate;
using IceTool.Turn;

namespace IceTool.CommandLine;

/// <summary>The command line of <c>ice</c>: its commands, and what becomes of a wrong one.</summary>
internal static class IceCommandLine
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        ParseResult parsed = Create().Parse(args);
        if (parsed.Errors.Count == 0)
            return await InvokeAsync(parsed).ConfigureAwait(false);
        foreach (string message in parsed.Errors.Select(e => e.Message).Distinct(StringComparer.Ordinal))
            await Console.Error.WriteLineAsync($"ice: {message}").ConfigureAwait(false);
        string command = parsed.CommandResult.Command is RootCommand ? "ice" : $"ice {parsed.CommandResult.Command.Name}";
        await Console.Error.WriteLineAsync($"Try '{command} --help'.").ConfigureAwait(false);
        return ExitCode.Usage;
    }

    // Ctrl-C (or SIGTERM) asks the command to leave, and the command says with which exit code; a second one ends the process at once.
    private static async Task<int> InvokeAsync(ParseResult parsed)
    {
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            if (stop.IsCancellationRequested)
                return;
            signal.Cancel = true;
            // On another thread: what the command does then must not hold up the signal.
            _ = stop.CancelAsync();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, stop.Token).ConfigureAwait(false);
    }

    private static RootCommand Create()
    {
        var root = new RootCommand("Interactive Connectivity Establishment (RFC 8445) at the command line: see it work, try servers, drive an agent.")
        {
            BridgeCommand.Create(),
            DemoCommand.Create(),
            GatherCommand.Create(),
            NatCommand.Create(),
            PeerCommand.Create(),
            ServeCommand.Create(),
            SimulateCommand.Create(),
            TurnCommand.Create(),
        };
        CommandExamples.Attach(
            root,
            [
                new("ice demo", "two agents connect on this machine, and a page for any browser to join"),
                new("ice gather --server stun:stun.example.org", "which candidates does this machine have?"),
                new("ice nat --server stun:stun.example.org", "behind what kind of NAT is it, and who needs a relay?"),
                new("ice peer '{\"role\":\"controlled\"}'", "an agent that a script drives with JSON lines"),
                new("ice bridge offer --listen 127.0.0.1:5000", "a UDP port here and one on another machine, joined"),
                new("ice serve --user alice:secret --allow-loopback", "a STUN and TURN server for tests on this machine"),
                new("ice simulate --sessions 100000", "how many sessions of a population connect directly, and how fast?"),
                new("ice turn --server turn:turn.example.org --user alice --password secret", "does this TURN server relay?"),
            ],
            []);
        return root;
    }
}
