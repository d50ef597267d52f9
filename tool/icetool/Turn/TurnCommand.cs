using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Ice.Net;
using IceTool.Agents;
using IceTool.CommandLine;

namespace IceTool.Turn;

/// <summary><c>ice turn</c>: does a TURN server relay, over which transports, and how fast?</summary>
internal static class TurnCommand
{
    public static Command Create()
    {
        var options = new TurnOptions();
        var command = new Command("turn", "Try a TURN server over UDP, TCP and TLS: allocate, send data through it and back, and say what worked, how fast, and why the rest failed.");
        foreach (Option option in options.All)
            command.Options.Add(option);
        command.SetAction((parsed, cancellationToken) => RunAsync(options, parsed, cancellationToken));
        CommandExamples.Attach(
            command,
            [
                new("ice turn --server turn:turn.example.org --user alice --password secret", "over UDP, TCP and TLS"),
                new("ice turn --server turns:turn.example.org:443 --user alice --password secret", "over TLS on port 443 alone"),
                new("ice turn --server turn:192.0.2.1?transport=tcp --rest-secret s3cret", "with a credential for an hour, made from the shared secret"),
                new("ice turn --server turn:127.0.0.1 --user alice --password secret --ca authority.pem --json", "a server of one's own, for a script"),
            ],
            [
                (ExitCode.Success, "data went through the relay and back over every transport that was tried"), (ExitCode.Failed, "over one of them it did not"),
                (ExitCode.Usage, "the command line is wrong"), (ExitCode.Interrupted, "Ctrl-C came first"),
            ]);
        return command;
    }

    private static async Task<int> RunAsync(TurnOptions options, ParseResult parsed, CancellationToken cancellationToken)
    {
        TurnRequest request;
        try
        {
            request = options.Read(parsed);
        }
        catch (FormatException exception)
        {
            return await UsageError.TellAsync("turn", exception.Message, Console.Error).ConfigureAwait(false);
        }

        ITurnReport report = request.Json ? new JsonTurnReport(new JsonLines(Console.Out)) : new ConsoleTurnReport(Terminal.Create(Console.Out, Console.IsOutputRedirected));
        try
        {
            return await RunAsync(request, report, cancellationToken).ConfigureAwait(false) ? ExitCode.Success : ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static async Task<bool> RunAsync(TurnRequest request, ITurnReport report, CancellationToken cancellationToken)
    {
        report.Begin(request);
        var results = new List<TurnProbeResult>();
        (IPAddress? address, string? reason) = await ResolveAsync(request, cancellationToken).ConfigureAwait(false);
        foreach ((TurnPath path, int port) in request.Paths)
        {
            TurnProbeResult result = address is null
                ? new TurnProbeResult(path, $"{request.Server.Host}:{port}") { Reason = reason }
                : await TurnProbe.RunAsync(new TurnEndpoint(new IPEndPoint(address, port), path, request.Server.Host, request.Authorities), request.Settings, cancellationToken).ConfigureAwait(false);
            results.Add(result);
            report.Tell(result);
        }

        report.End(results);
        return results.TrueForAll(r => r.Worked);
    }

    private static async Task<(IPAddress? Address, string? Reason)> ResolveAsync(TurnRequest request, CancellationToken cancellationToken)
    {
        string host = request.Server.Host;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(request.Settings.Timeout);
        try
        {
            IReadOnlyList<IPAddress> addresses = await NameResolver.Default.ResolveAsync(host, limit.Token).ConfigureAwait(false);
            IPAddress? address = addresses.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? (addresses.Count > 0 ? addresses[0] : null);
            return (address, $"The name {host} has no address.");
        }
        catch (SocketException exception)
        {
            return (null, $"The name {host} cannot be resolved: {exception.Message}.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"The name {host} was not resolved within {request.Settings.Timeout.TotalSeconds:0} s.");
        }
    }
}
