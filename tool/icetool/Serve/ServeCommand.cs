using System.CommandLine;
using System.Net;
using Ice.Server;
using IceTool.CommandLine;
using Turn;

namespace IceTool.Serve;

/// <summary><c>ice serve</c>: a STUN and TURN server until Ctrl-C.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var options = new ServeOptions();
        var command = new Command("serve", "Run a STUN and TURN server over UDP, TCP and TLS, with one line for each thing that happens to an allocation.");
        foreach (Option option in options.All)
            command.Options.Add(option);
        command.SetAction((parsed, cancellationToken) => RunAsync(options, parsed, cancellationToken));
        CommandExamples.Attach(
            command,
            [
                new("ice serve", "STUN alone, on 127.0.0.1:3478"),
                new("ice serve --user alice:secret --allow-loopback", "TURN for tests on this machine"),
                new("ice serve --udp 0.0.0.0 --tcp 0.0.0.0 --tls 0.0.0.0 --cert turn.pem --key turn.key --realm example.org --rest-secret s3cret", "a small public server"),
                new("ice serve --udp 10.0.0.5 --external-address 203.0.113.5 --user alice:secret", "behind a one-to-one NAT"),
                new("ice serve --udp 192.0.2.1:3478 --alternate 192.0.2.2:3479", "with two addresses: NAT behavior discovery (RFC 5780) too"),
            ],
            [
                (ExitCode.Success, "Ctrl-C ended it"), (ExitCode.Failed, "an address could not be bound"), (ExitCode.Usage, "the command line is wrong"),
            ]);
        return command;
    }

    private static async Task<int> RunAsync(ServeOptions options, ParseResult parsed, CancellationToken cancellationToken)
    {
        TextWriter error = parsed.InvocationConfiguration.Error;
        TurnServer? server = TryMake(options, parsed, out ServeSettings? settings, out string? reason);
        if (server is null || settings is null)
            return await UsageError.TellAsync("serve", reason!, error).ConfigureAwait(false);

        await using (server.ConfigureAwait(false))
        {
            try
            {
                await server.StartAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (IOException exception)
            {
                await error.WriteLineAsync($"ice serve: {exception.Message}").ConfigureAwait(false);
                return ExitCode.Failed;
            }

            await ServeAsync(server, settings, parsed.InvocationConfiguration.Output, cancellationToken).ConfigureAwait(false);
        }

        settings.Options.Certificate?.Dispose();
        return ExitCode.Success;
    }

    private static TurnServer? TryMake(ServeOptions options, ParseResult parsed, out ServeSettings? settings, out string? reason)
    {
        settings = null;
        reason = null;
        try
        {
            settings = options.Read(parsed);
            return new TurnServer(settings.Options);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            reason = exception.Message;
            return null;
        }
    }

    private static async Task ServeAsync(TurnServer server, ServeSettings settings, TextWriter output, CancellationToken cancellationToken)
    {
        var news = new ServeNews(TextWriter.Synchronized(output), settings.Json, settings.Options.TimeProvider);
        foreach ((string transport, IReadOnlyList<IPEndPoint> endPoints) in (ReadOnlySpan<(string, IReadOnlyList<IPEndPoint>)>)[("udp", server.UdpEndPoints), ("tcp", server.TcpEndPoints), ("tls", server.TlsEndPoints)])
        {
            foreach (IPEndPoint endPoint in endPoints)
                news.Listening(transport, endPoint);
        }

        Task telling = TellAsync(server, news);
        var interrupted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(interrupted.SetResult))
            await interrupted.Task.ConfigureAwait(false);
        if (settings.Drain > TimeSpan.Zero && server.GetStatistics().Allocations > 0)
            news.Say($"stopping: {server.GetStatistics().Allocations} allocations have {settings.Drain.TotalSeconds:0} s to end");
        await server.StopAsync(settings.Drain, CancellationToken.None).ConfigureAwait(false);
        await telling.ConfigureAwait(false);
        TurnServerStatistics statistics = server.GetStatistics();
        news.Say($"stopped: {statistics.AllocationsMade} allocations, {statistics.BytesToPeers} bytes to peers, {statistics.BytesToClients} bytes to clients");
    }

    private static async Task TellAsync(TurnServer server, ServeNews news)
    {
        await foreach (TurnServerEvent happened in server.ReadEventsAsync().ConfigureAwait(false))
            news.Tell(happened);
    }
}
