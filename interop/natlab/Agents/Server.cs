using System.Diagnostics;
using System.Text.Json.Nodes;
using Ice;
using NatLab.Network;
using PeersInterop;

namespace NatLab.Agents;

/// <summary>The server in the middle, for STUN and TURN, with two addresses: coturn, or our own.</summary>
internal sealed class Server : IDisposable
{
    public const string User = "user";
    public const string Password = "password";
    public const int Port = 3478;
    public const int WebPort = 443;

    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _readyMark;
    private readonly Process _process;

    private Server(Host host, string alternate, string name, string readyMark, IEnumerable<string> command)
    {
        Host = host;
        Alternate = alternate;
        Name = name;
        _readyMark = readyMark;
        _process = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", host.Name, .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        _process.OutputDataReceived += (_, e) => Look(e.Data);
        _process.ErrorDataReceived += (_, e) => Look(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where it runs.</summary>
    public Host Host { get; }

    /// <summary>Its second address.</summary>
    public string Alternate { get; }

    /// <summary>What it is called in messages.</summary>
    public string Name { get; }

    /// <summary>The server for our agents.</summary>
    public IReadOnlyList<IceServer> Urls => [new IceServer($"turn:{Host.Address}:{Port}?transport=udp", User, Password)];

    /// <summary>The same, and its second address for STUN: to see how a NAT maps, two are needed.</summary>
    public IReadOnlyList<IceServer> BothUrls => [.. Urls, new IceServer($"stun:{Alternate}:{Port}")];

    /// <summary>The server for configurations' "turn".</summary>
    public JsonArray Turn(string transport = "udp", int port = Port) =>
        [new JsonObject { ["host"] = Host.Address, ["port"] = port, ["transport"] = transport, ["user"] = User, ["pass"] = Password }];

    /// <summary>The server for configurations' "stun".</summary>
    public JsonArray Stun => [$"{Host.Address}:{Port}"];

    /// <summary>The same with both addresses.</summary>
    public JsonArray BothStun => [$"{Host.Address}:{Port}", $"{Alternate}:{Port}"];

    /// <summary>Starts coturn; it listens on the port of the web, too.</summary>
    public static async Task<Server> StartCoturnAsync(string folder, CancellationToken cancellationToken)
    {
        (Host host, string[] addresses) = await AddHostAsync("coturn");
        string[] command =
        [
            // Neither a configuration nor a database, log or pid file of the machine's.
            "turnserver", "-n", "--no-cli", "--log-file=stdout", "--simple-log", $"--pidfile={Path.Combine(folder, "coturn.pid")}", $"--userdb={Path.Combine(folder, "coturn.db")}",
            .. addresses.SelectMany(static a => (string[])["-L", a]), "-p", $"{Port}", $"--aux-server={host.Address}:{WebPort}", "--no-tls", "--no-dtls",
            "-a", "-r", "interop.test", "-u", $"{User}:{Password}", "-m", "1",
        ];
        // The last line of its start.
        return await ReadyAsync(new Server(host, addresses[1], "coturn", "SQLite DB connection success", command), cancellationToken);
    }

    /// <summary>Starts our own server, for STUN alone.</summary>
    public static async Task<Server> StartOwnAsync(Programs programs, CancellationToken cancellationToken)
    {
        (Host host, string[] addresses) = await AddHostAsync("serve");
        string[] command = ["dotnet", programs.Ice, "serve", "--udp", $"{addresses[0]}:{Port}", "--alternate", $"{addresses[1]}:{Port + 1}", "--json"];
        return await ReadyAsync(new Server(host, addresses[1], "ice serve", "listening", command), cancellationToken);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static async Task<(Host Host, string[] Addresses)> AddHostAsync(string name)
    {
        string[] addresses = [Internet.Lan.TakeAddress(), Internet.Lan.TakeAddress()];
        return (await Internet.AddHostAsync(name, addresses), addresses);
    }

    private static async Task<Server> ReadyAsync(Server server, CancellationToken cancellationToken)
    {
        try
        {
            await server._ready.Task.WaitAsync(s_startLimit, cancellationToken);
            return server;
        }
        catch (TimeoutException)
        {
            server.Dispose();
            throw new CaseFailedException($"{server.Name} was not ready within {s_startLimit.TotalSeconds:0} s");
        }
    }

    private void Look(string? line)
    {
        if (line?.Contains(_readyMark, StringComparison.Ordinal) == true)
            _ = _ready.TrySetResult();
    }
}
