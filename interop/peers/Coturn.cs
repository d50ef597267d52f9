using System.Diagnostics;
using System.Text.Json.Nodes;

namespace PeersInterop;

/// <summary>The server of all peers, for STUN and TURN.</summary>
internal sealed class Coturn : IDisposable
{
    private const int Port = 3478;
    private const string User = "user";
    private const string Password = "password";
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(15);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _process;

    private Coturn(string folder)
    {
        string[] arguments =
        [
            "netns", "exec", Hosts.Server, "turnserver",
            // Neither a configuration nor a database, log or pid file of the machine's.
            "-n", "--no-cli", "--log-file=stdout", "--simple-log", $"--pidfile={Path.Combine(folder, "coturn.pid")}", $"--userdb={Path.Combine(folder, "coturn.db")}",
            "-L", Lab.ServerAddress, "-p", $"{Port}", "--no-tls", "--no-dtls", "-a", "-r", "interop.test", "-u", $"{User}:{Password}", "-m", "1",
        ];
        _process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        _process.OutputDataReceived += (_, e) => Look(e.Data);
        _process.ErrorDataReceived += (_, e) => Look(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The server for configurations' "stun".</summary>
    public static JsonArray Stun => [$"{Lab.ServerAddress}:{Port}"];

    /// <summary>The server for configurations' "turn".</summary>
    public static JsonArray Turn => [new JsonObject { ["host"] = Lab.ServerAddress, ["port"] = Port, ["transport"] = "udp", ["user"] = User, ["pass"] = Password }];

    public static async Task<Coturn> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var server = new Coturn(folder);
        try
        {
            await server._ready.Task.WaitAsync(s_startLimit, cancellationToken);
            return server;
        }
        catch (TimeoutException)
        {
            server.Dispose();
            throw new CaseFailedException($"coturn was not ready within {s_startLimit.TotalSeconds:0} s");
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    // The last line of its start.
    private void Look(string? line)
    {
        if (line?.Contains("SQLite DB connection success", StringComparison.Ordinal) == true)
            _ = _ready.TrySetResult();
    }
}
